"""What users call to create, find, read and delete sweeps, and to fetch their tables."""
