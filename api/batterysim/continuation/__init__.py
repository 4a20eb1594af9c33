"""Going on from the end of an earlier simulation."""
