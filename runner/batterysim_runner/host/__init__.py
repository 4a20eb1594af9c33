"""A shared runner: asks the bridge for simulations and has each one solved in a child of its own."""
