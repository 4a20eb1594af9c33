"""Results, progress and checkpoints that runners send: checked, stored, and written into the status."""
