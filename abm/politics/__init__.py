"""Tension between governments, and what they do where no script binds them."""
