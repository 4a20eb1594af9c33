"""Decisions about sweeps, pure as those about simulations: one Indexed Job for each sweep."""
