"""The cell: its parameters, its state at the start, and the limits within which it may be used."""
