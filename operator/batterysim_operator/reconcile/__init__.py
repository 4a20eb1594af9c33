"""Decisions about one simulation, as pure functions.

`observation` is everything that is seen, `decision` says what to do about it; the other files make what is
written.
"""
