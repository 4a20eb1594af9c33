"""examples/cell-discharge.yaml as a script that only uses PyBaMM.

python hack/devtools/bare_pybamm.py RESULT.parquet [PLOT.png]
"""

import sys

import numpy as np
import pandas as pd
import pybamm

COLUMNS = (
    "Time [s]",
    "Current [A]",
    "Voltage [V]",
    "Discharge capacity [A.h]",
    "Power [W]",
    "Bulk open-circuit voltage [V]",
    "Volume-averaged cell temperature [C]",
)


def main(parquet: str, png: str | None = None) -> None:
    """Discharge a cell, and write its series and a picture of them."""
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = 5.0
    simulation = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters)
    solution = simulation.solve([0, 3600], t_interp=np.linspace(0, 3600, 101))
    frame = pd.DataFrame({name: solution[name].entries for name in COLUMNS})
    frame.to_parquet(parquet)
    print(f"{solution.termination}, {frame['Discharge capacity [A.h]'].iloc[-1]:.4f} A.h")
    if png is not None:
        draw(frame, png)


def draw(frame: pd.DataFrame, png: str) -> None:
    """Draw voltage and current against time."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only who wants a picture waits for it

    figure = Figure(figsize=(8, 6), layout="constrained")
    for axes, name in zip(figure.subplots(2, 1, sharex=True), ("Voltage [V]", "Current [A]"), strict=True):
        axes.plot(frame["Time [s]"], frame[name])
        axes.set_ylabel(name)
    figure.savefig(png, dpi=150)


if __name__ == "__main__":
    main(*sys.argv[1:])
