"""What a cluster needs of sweeps: how they are checked, divided among pods, and added up again."""
