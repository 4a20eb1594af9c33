"""Physics that is computed another way than by PyBaMM."""
