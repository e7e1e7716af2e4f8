"""Calibration of the model against recorded events."""
