"""Lists: what may be asked for, which objects it wants, and where the next page begins."""
