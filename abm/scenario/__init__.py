"""Scenarios: overlays of dated causes, read from files or built in Python, and checked."""
