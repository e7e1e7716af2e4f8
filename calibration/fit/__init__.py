"""The fit: free parameters, evaluated draws, the posterior and what it was made from."""
