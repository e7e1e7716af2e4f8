"""Speed of the model, measured as ratios within one run."""
