"""Shared runners: who has which simulation, and whether they are still there (docs/decisions/070)."""
