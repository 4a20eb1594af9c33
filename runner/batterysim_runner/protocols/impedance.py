"""The cell's impedance over frequency, at its state at the start and at rest.

PyBaMM linearises the discretised equations and solves them once for each frequency (Hallemans et al.,
Journal of The Electrochemical Society, 2025).
"""

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.results import (
    FREQUENCY,
    IMAGINARY_IMPEDANCE,
    IMPEDANCE_COLUMNS,
    IMPEDANCE_MAGNITUDE,
    IMPEDANCE_PHASE,
    REAL_IMPEDANCE,
    EndReason,
)
from batterysim.spec.protocols.protocol import FrequencyRange
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.initial_state import with_initial_state
from batterysim_runner.cell.stoichiometries import limits_of
from batterysim_runner.model.equations import build_model, complete_parameters
from batterysim_runner.model.mesh import mesh_points
from batterysim_runner.report.trace import Trace

SURFACE_FORM = "surface form"
SHORT_SECONDS = 1e-6
"""A solver says what holds at the start only on its way to somewhere."""


def solve_impedance(
    spec: BatterySimulationSpec, frequency_range: FrequencyRange, parameters: pybamm.ParameterValues
) -> Trace:
    """Return the impedance in ohm, from the highest to the lowest frequency, as instruments sweep."""
    is_circuit = spec.model.family == "Thevenin"
    model = build_model(spec if is_circuit else _with_double_layer(spec))
    parameters = complete_parameters(spec, model, parameters)
    simulation = pybamm.EISSimulation(
        model,
        parameter_values=with_initial_state(spec.cell, model, parameters, limits_of(model, parameters)),
        var_pts=mesh_points(model, spec.solver.mesh),
        skip_surface_form_check=is_circuit,  # a circuit has its capacitances as they are
    )
    _start_at_rest(simulation)
    frequencies = frequencies_of(frequency_range)
    impedance = np.asarray(simulation.solve(frequencies).impedance)
    return Trace(
        {
            FREQUENCY.name: frequencies,
            REAL_IMPEDANCE.name: impedance.real,
            IMAGINARY_IMPEDANCE.name: impedance.imag,
            IMPEDANCE_MAGNITUDE.name: abs(impedance),
            IMPEDANCE_PHASE.name: np.angle(impedance, deg=True),
        },
        np.full(len(frequencies), True),
        EndReason.SWEEP_FINISHED,
        columns=IMPEDANCE_COLUMNS,
    )


def _start_at_rest(simulation: pybamm.EISSimulation) -> None:
    """Have the equations linearised where they hold.

    PyBaMM takes the algebraic states as the model guesses them, which for an SPMe is not the cell at rest:
    its impedance would be up to a quarter too small (docs/decisions/026-impedance-at-rest.md).
    """
    simulation.build()
    model = simulation.built_model
    resting = model.new_copy()
    resting.events = []  # a full cell has an impedance, too
    solution = pybamm.IDAKLUSolver(rtol=1e-10, atol=1e-12).solve(resting, [0, SHORT_SECONDS])
    model.concatenated_initial_conditions = pybamm.Vector(solution.y[:, 0])


def frequencies_of(frequency_range: FrequencyRange) -> NDArray[np.float64]:
    """Return the frequencies in Hz, falling, evenly spaced on a logarithmic axis, both ends included."""
    highest, lowest = frequency_range.highest_hertz, frequency_range.lowest_hertz
    count = round(np.log10(highest / lowest) * frequency_range.points_per_decade) + 1
    return np.geomspace(highest, lowest, max(count, 2))


def _with_double_layer(spec: BatterySimulationSpec) -> BatterySimulationSpec:
    """Return the spec with the double layer's capacitance in the model, unless it says how to treat it.

    Without it the model has no answer to high frequencies, and PyBaMM refuses.
    """
    options = {SURFACE_FORM: "differential", **spec.model.options}
    return spec.model_copy(update={"model": spec.model.model_copy(update={"options": options})})
