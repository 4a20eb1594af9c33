"""What runners call: results, progress and checkpoints come in."""
