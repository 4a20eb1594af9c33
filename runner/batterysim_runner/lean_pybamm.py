"""PyBaMM, imported without what no solve needs: telemetry, formulas in LaTeX, tables for notebooks.

That is half of the time that its import takes (docs/decisions/018-lean-import.md). It is for processes of our
own only: in them `pybamm.latexify` does not work. A notebook imports PyBaMM as it is.
"""

import gc
import importlib
import os
import sys
from types import ModuleType
from typing import Any

PYBAMM = "pybamm"


class _Later(ModuleType):
    """Stands for a module until something of it is used, which imports it after all."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


def import_pybamm() -> None:
    """Import PyBaMM, unless somebody has already, with its telemetry switched off."""
    os.environ["PYBAMM_DISABLE_TELEMETRY"] = "true"
    if PYBAMM in sys.modules:
        return
    stand_ins = {name: module for name, module in _stand_ins().items() if name not in sys.modules}
    sys.modules.update(stand_ins)
    gc.disable()  # there is nothing to collect: what is imported stays
    try:
        importlib.import_module(PYBAMM)
    finally:
        gc.enable()
        # From now on an import of one of them gets the real one.
        for name in stand_ins:
            del sys.modules[name]


def _stand_ins() -> dict[str, ModuleType]:
    later = ("pandas", "xarray", "black", "posthog", "sympy", "sympy.printing", "sympy.printing.latex")
    modules: dict[str, Any] = {name: _Later(name) for name in later}
    for package in ("sympy", "sympy.printing"):
        modules[package].__path__ = []
    # PyBaMM asks for two classes at once: one to report to, and one to derive a class from.
    modules["posthog"].Posthog = object
    modules["sympy.printing.latex"].LatexPrinter = object
    return modules
