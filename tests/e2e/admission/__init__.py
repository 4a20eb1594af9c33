"""Runs whose Jobs or pods the cluster does not admit, changes or holds up."""
