"""The tables of the base years, the parameters, and their checks."""
