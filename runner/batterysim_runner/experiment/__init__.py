"""Experiments: steps one after the other, cycle by cycle, with checkpoints between the cycles."""
