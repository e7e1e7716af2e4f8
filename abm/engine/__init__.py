"""The model itself: the loop of the week, its cast, what agents see, and the events it tells."""
