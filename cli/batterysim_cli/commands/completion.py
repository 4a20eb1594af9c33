"""Names of simulations, for the shell to complete."""

import asyncio

import typer

from batterysim_client import AsyncClient

# Longer, and it feels as if the shell hung.
TIMEOUT_SECONDS = 3.0
OPTIONS = ("server", "token_file", "kubeconfig", "context", "namespace", "bridge", "service_account")


def complete_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the names that begin like this and have not been given yet. After any error there are none."""
    given = ctx.params.get("names") or ()
    try:
        found = asyncio.run(_names(ctx))
    except Exception:  # in the middle of typing there is nobody to tell it to
        return []
    return [name for name in found if name.startswith(incomplete) and name not in given]


async def _names(ctx: typer.Context) -> list[str]:
    options = {name: ctx.params.get(name) for name in OPTIONS}
    async with asyncio.timeout(TIMEOUT_SECONDS), AsyncClient(**options) as client:
        return [simulation.name async for simulation in client.list()]
