"""Callbacks: what is owed to whom and when, where it may go, and bringing it there."""
