"""Battery simulations: `run` one or `run_sweep` many here, or submit one to a cluster with a `Client`.

Below is the contract: what users write, what they get, and how errors read. It is light, and all that a bare
install brings; what is above it in this list is loaded when it is first asked for.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from batterysim.version import VERSION

if TYPE_CHECKING:
    from batterysim_cli import LocalResult, morris_effects, run, run_sweep, sobol_indices
    from batterysim_client import AsyncClient, Client

__version__ = VERSION
__all__ = [
    "AsyncClient",
    "Client",
    "LocalResult",
    "__version__",
    "morris_effects",
    "run",
    "run_sweep",
    "sobol_indices",
]

_ELSEWHERE = {
    "AsyncClient": ("batterysim_client", "httpx", "client"),
    "Client": ("batterysim_client", "httpx", "client"),
    "LocalResult": ("batterysim_cli", "pybamm", "cli"),
    "morris_effects": ("batterysim_cli", "pybamm", "cli"),
    "run": ("batterysim_cli", "pybamm", "cli"),
    "run_sweep": ("batterysim_cli", "pybamm", "cli"),
    "sobol_indices": ("batterysim_cli", "pybamm", "cli"),
}
"""Where a name is, what it cannot do without, and which extra brings that."""


def __getattr__(name: str) -> object:
    """Load what is not part of the contract (PEP 562).

    Raises:
        ImportError: what it needs is not installed; the message names the extra.
    """
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    package, needed, extra = _ELSEWHERE[name]
    if find_spec(needed) is None:
        raise ImportError(f"batterysim.{name} needs {needed}: pip install 'batterysim-operator[{extra}]'")
    return getattr(import_module(package), name)


def __dir__() -> list[str]:
    """Return the names, those that are elsewhere among them."""
    return sorted({*globals(), *_ELSEWHERE})
