"""Errors in a spec that can be found before a pod starts, one file per part of the spec.

`validation.parse_spec` is the one door: every component that takes a spec from a user goes through it.
"""
