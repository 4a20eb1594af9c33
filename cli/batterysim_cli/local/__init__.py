"""Simulations on this machine, with the code of a runner pod."""
