"""What a run remembers week by week, month by month, and why a firm stopped."""
