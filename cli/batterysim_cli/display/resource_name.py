"""Names of simulations as `-o name` prints them and all commands take them."""

from batterysim import names
from batterysim_client import Simulation

RESOURCE = f"{names.SINGULAR}.{names.GROUP}/"


def resource_name(simulation: Simulation) -> str:
    """Return what `-o name` prints."""
    return RESOURCE + simulation.name


def plain_name(text: str) -> str:
    """Return the name of what `-o name` prints, so that this can be given back.

    >>> plain_name("batterysimulation.batterysim.dev/cell")
    'cell'
    """
    return text.removeprefix(RESOURCE)
