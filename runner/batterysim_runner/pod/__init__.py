"""The edges of a runner pod: its inputs, and the way to the bridge."""
