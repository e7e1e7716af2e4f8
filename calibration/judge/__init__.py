"""The judgement: how far to trust the fit, predictions, report and pictures."""
