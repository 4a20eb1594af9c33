"""Routes for runners: results, progress and checkpoints come in, and shared runners ask for work."""
