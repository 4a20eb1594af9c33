"""The HTTP door: takes results and progress from runners, stores results, and serves them."""
