"""Uses what runs need of the environment, so that a build fails where slim.py has taken too much away.

PyBaMM is imported whole, as by scripts that people run in the image.
"""

from zoneinfo import ZoneInfo

import bpx
import casadi
import numpy as np
import pybamm
import urllib3
import yaml
from check_tables import TABLE, check_tables
from scipy import interpolate, optimize, sparse, special, stats

MODULES = (bpx, urllib3, interpolate, optimize, sparse, special, stats)
PLUGINS = {
    casadi.has_rootfinder: ("newton", "fast_newton", "kinsol"),
    casadi.has_interpolant: ("linear", "bspline"),
    casadi.has_integrator: ("cvodes", "idas", "rk", "collocation"),
    casadi.has_linsol: ("qr", "ldl", "csparse", "symbolicqr", "tridiag", "lsqr"),
}


def main() -> None:
    """Solve, read and write a little of everything."""
    solve_models()
    load_plugins()
    check_tables()
    assert list(TABLE.to_pandas()["name"]) == ["a", "b"]
    assert yaml.load("{a: 1}", yaml.CSafeLoader) == {"a": 1}
    assert ZoneInfo("Europe/Berlin").key
    print(f"check_runner: solved, loaded and written; {len(MODULES)} more are there")


def solve_models() -> None:
    """Solve models by either solver, and an experiment, whose variables xarray interpolates."""
    pybamm.Simulation(pybamm.lithium_ion.DFN()).solve([0, 60])
    pybamm.Simulation(pybamm.lithium_ion.DFN(), solver=pybamm.CasadiSolver()).solve([0, 60])
    pybamm.Simulation(pybamm.equivalent_circuit.Thevenin()).solve([0, 60])
    steps = ("Discharge at 1C for 1 minute", "Rest for 1 minute", "Hold at 4 V for 1 minute")
    experiment = pybamm.Experiment([steps])
    solution = pybamm.Simulation(pybamm.lithium_ion.SPMe(), experiment=experiment).solve()
    assert np.isfinite(solution["Voltage [V]"](30.0))
    assert np.isfinite(solution["Negative particle concentration [mol.m-3]"].entries).all()


def load_plugins() -> None:
    """Load each plugin of CasADi that PyBaMM may ask for."""
    missing = [name for has, names in PLUGINS.items() for name in names if not has(name)]
    assert not missing, f"CasADi lacks {missing}"
    table = casadi.interpolant("table", "bspline", [[0, 1, 2, 3]], [0, 1, 4, 9])
    assert abs(float(table(2)) - 4) < 1e-9
    x = casadi.MX.sym("x")
    root = casadi.rootfinder("root", "newton", {"x": x, "g": x**2 - 4})
    assert abs(float(root(x0=1)["x"]) - 2) < 1e-6


if __name__ == "__main__":
    main()
