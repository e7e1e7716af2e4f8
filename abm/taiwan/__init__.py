"""Taiwan's providers of supply: mastery, purity and partner plants."""
