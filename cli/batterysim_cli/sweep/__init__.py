"""Sweeps on this machine, on all its cores, with the code of a runner's pod."""
