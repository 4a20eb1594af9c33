"""The contract of the Battery Simulation Operator: what users write, what they get, and how errors read."""

__version__ = "0.1.0"
