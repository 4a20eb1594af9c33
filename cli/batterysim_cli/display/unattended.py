"""Simulations that no operator has looked at, which therefore have no status to say so."""

from batterysim_client import Simulation

UNATTENDED_SECONDS = 10.0
"""An operator that runs writes a status within a second or two."""


def unattended(simulation: Simulation) -> str:
    """Say that nobody runs a simulation, and what to look at."""
    return (
        f"{simulation.name}: no operator has taken it up yet: see whether the operator runs, and whether it "
        f"serves namespace {simulation.namespace!r} (watchNamespaces)"
    )
