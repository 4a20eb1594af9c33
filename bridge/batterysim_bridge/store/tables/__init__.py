"""Tables of sweeps, on a volume or in a bucket."""
