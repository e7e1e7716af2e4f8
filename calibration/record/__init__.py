"""The record: events with their targets, how a run is read against them, naive rules, and the pinned runs."""
