"""Work in the background that keeps store and cluster in step, and the store within its limits."""
