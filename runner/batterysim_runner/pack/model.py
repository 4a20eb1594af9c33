"""The equations of a pack as one PyBaMM model: those of all cells side by side, and those of the circuit."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pybamm
from scipy import sparse

from batterysim.catalogue.prescription import Quantity
from batterysim.results import VOLTAGE
from batterysim.spec.pack import Pack
from batterysim_runner.cell.limit_events import LOWER_EVENT, OF_A_CELL, UPPER_EVENT
from batterysim_runner.experiment.ends import OWN_END
from batterysim_runner.pack.circuit import Branch, Module, mesh_errors, terminal_volts
from batterysim_runner.pack.heat import with_heat
from batterysim_runner.pack.placement import ConnectedCell, PlacedCell, Placement, place
from batterysim_runner.pack.stack import STACK, stack
from batterysim_runner.pack.variables import Variables, pack_variables

BATTERY_VOLTAGE = "Battery voltage [V]"
"""What PyBaMM's ends of steps look at."""


class Control(NamedTuple):
    """The quantity that is held at the pack's terminals.

    value: in A, W, V or Ohm, constant or a function of pybamm.t. Positive currents and powers discharge.
    guess_amperes: about the pack's current at time 0, where it is not given.
    is_state: whether the current is a state of the model even where it is what is held.
    """

    quantity: Quantity | Literal["Resistance"]
    value: pybamm.Symbol
    guess_amperes: float
    is_state: bool = False

    @property
    def current_is_given(self) -> bool:
        """Whether the current is held, and not an outcome."""
        return self.quantity == "Current" and not self.is_state


class StepEnds(NamedTuple):
    """What ends a step of an experiment with a pack.

    step: one of PyBaMM's, whose ends look at the pack's variables.
    cell_limits: names of the limits of a cell's voltage that end it; the first cell that comes there counts.
    margin_volts: by how much a cell may be past them.
    """

    step: pybamm.step.BaseStep
    cell_limits: tuple[str, ...]
    margin_volts: float


def build_pack_model(
    modules: Sequence[Sequence[ConnectedCell]],
    pack: Pack,
    control: Control,
    of_each_cell: Sequence[str],
    wanted: Sequence[str],
    ends: StepEnds | None = None,
) -> pybamm.BaseModel:
    """Return a model as PyBaMM's discretisation leaves it, ready to be solved.

    modules: the cells in parallel, of each module in series.
    of_each_cell: variables of a cell that get a name of their own in each, by PyBaMM's names.
    wanted: names of the variables in the stack, which is the model's only variable.
    ends: of a step of an experiment; None: the limits of the cells end the run.

    The model has each event of a cell's model once, for the cell that comes to it first.
    """
    placement = place(modules, control.value if control.current_is_given else None)
    if pack.neighbour_conductance_watts_per_kelvin is not None:
        placement = with_heat(placement, pack.neighbour_conductance_watts_per_kelvin)
    circuit = [[_branch(placed) for placed in module] for module in placement.modules]
    volts = terminal_volts(circuit, placement.total, pack.interconnect_resistance_ohms)

    model = pybamm.BaseModel("pack")
    _set_equations(model, placement.cells, _circuit_errors(circuit, pack, control, placement.total, volts))
    _set_start(model, placement, control)
    variables = pack_variables(placement, volts, of_each_cell)
    model.events = _events(placement.cells)
    if ends is not None:
        model.events = [*_ends_by_cells(model.events, ends), *_own_ends(ends.step, variables)]
    model._geometry = {STACK: {"x": {}}}
    model.update_processed_variables({STACK: stack(variables, wanted, model.len_rhs_and_alg)})
    model.is_discretised = model.is_parameterised = True
    return model


def _branch(placed: PlacedCell) -> Branch:
    return Branch(placed.variable(VOLTAGE.name), placed.current, placed.cell.connection_ohms)


def _circuit_errors(
    circuit: Sequence[Module], pack: Pack, control: Control, total: pybamm.Symbol, volts: pybamm.Symbol
) -> list[pybamm.Symbol]:
    """Return what the open currents make zero: as many equations as there are such currents."""
    errors = [error for module in circuit for error in mesh_errors(module, pack.busbar_resistance_ohms)]
    if control.quantity == "Current" and control.is_state:
        errors.append(total - control.value)
    elif control.quantity == "Resistance":
        errors.append(volts - control.value * total)
    elif control.quantity == "Power":
        errors.append(volts * total - control.value)
    elif control.quantity == "Voltage":
        errors.append(volts - control.value)
    return errors


def _set_equations(
    model: pybamm.BaseModel, cells: list[PlacedCell], circuit_errors: list[pybamm.Symbol]
) -> None:
    derivatives = [placed.apply(placed.cell.equations.derivatives, "derivatives") for placed in cells]
    residuals = [
        placed.apply(function, "residuals")
        for placed in cells
        if (function := placed.cell.equations.residuals) is not None
    ]
    model.concatenated_rhs = pybamm.numpy_concatenation(*derivatives)
    model.rhs = {pybamm.Variable("Differential states"): model.concatenated_rhs}
    model.concatenated_algebraic = pybamm.numpy_concatenation(*residuals, *circuit_errors)
    if residuals or circuit_errors:
        model.algebraic = {pybamm.Variable("Algebraic states"): model.concatenated_algebraic}
    model.len_rhs = sum(placed.cell.equations.differential_count for placed in cells)
    model.len_alg = sum(placed.cell.equations.algebraic_count for placed in cells) + len(circuit_errors)
    model.len_rhs_and_alg = model.len_rhs + model.len_alg
    is_differential = np.repeat([1.0, 0.0], [model.len_rhs, model.len_alg])
    model.mass_matrix = pybamm.Matrix(sparse.diags(is_differential, format="csr"))


def _set_start(model: pybamm.BaseModel, placement: Placement, control: Control) -> None:
    """Set the states at time 0; the solver corrects the algebraic ones."""
    cells = [placed.cell.equations for placed in placement.cells]
    differential = [equations.start[: equations.differential_count] for equations in cells]
    algebraic = [equations.start[equations.differential_count :] for equations in cells]
    total = [] if control.current_is_given else [control.guess_amperes]
    deviations = [0.0] * sum(len(module) - 1 for module in placement.modules)
    start = np.concatenate([*differential, *algebraic, total, deviations])
    model.concatenated_initial_conditions = pybamm.Vector(start)


def _events(cells: list[PlacedCell]) -> list[pybamm.Event]:
    events = []
    for name, kind in cells[0].cell.equations.events:
        distances = [
            placed.apply(placed.cell.equations.events[name, kind], f"event {name}") for placed in cells
        ]
        events.append(pybamm.Event(name, pybamm.min(pybamm.numpy_concatenation(*distances)), kind))
    return events


def _ends_by_cells(events: list[pybamm.Event], ends: StepEnds) -> Iterator[pybamm.Event]:
    """Yield the limits of the cells, of their voltage only those that end the step."""
    for event in events:
        if event.name not in (LOWER_EVENT, UPPER_EVENT):
            yield event
        elif event.name in ends.cell_limits:
            name = f"{event.name}{OF_A_CELL} {OWN_END}"
            yield pybamm.Event(name, event.expression + ends.margin_volts, event.event_type)


def _own_ends(step: pybamm.step.BaseStep, variables: Variables) -> Iterator[pybamm.Event]:
    named = variables | {BATTERY_VOLTAGE: variables[VOLTAGE.name]}
    for termination in step.termination:
        if (event := termination.get_event(named, step)) is not None:
            yield event
