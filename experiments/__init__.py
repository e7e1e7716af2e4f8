"""Experiments: batches of runs over scenarios, seeds and parameters."""
