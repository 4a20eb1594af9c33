"""What the demo, the benchmark and the end-to-end tests share: a real cluster, seen from outside."""
