"""A run in a process of its own: limited, watched, and killed when it must be."""
