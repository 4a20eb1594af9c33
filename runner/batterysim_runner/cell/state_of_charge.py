"""The state of charge as a variable of a model: 0 where the cell rests at its 0 % open-circuit voltage, 1
where it rests at its 100 % one, and in between as lithium moves from one electrode to the other."""

import pybamm
from pybamm.models.full_battery_models.lithium_ion import electrode_soh_half_cell

from batterysim_runner.cell.electrode_balance import StoichiometryLimits
from batterysim_runner.cell.reference_temperature import at_start

CIRCUIT = "SoC"
NEGATIVE = "Negative electrode stoichiometry"
POSITIVE = "Positive electrode stoichiometry"


def state_of_charge(
    model: pybamm.BaseModel, parameters: pybamm.ParameterValues, limits: StoichiometryLimits | None
) -> pybamm.Symbol | None:
    """Return (x - x0) / (x100 - x0), where x is the stoichiometry of the negative electrode (of the working
    electrode of a half-cell), and x0 and x100 are its values in a fresh cell at 0 % and 100 %.

    The limits are PyBaMM's own (electrode state of health), which also `initialStateOfCharge` refers to. Of
    an equivalent circuit it is the circuit's own state. None: the model or its parameters do not tell, as
    for blends of materials.
    """
    if CIRCUIT in model.variables:
        return model.variables[CIRCUIT]
    if limits is not None:
        return _between(model.variables[NEGATIVE], limits.negative_empty, limits.negative_full)
    options = model.options
    parameters = at_start(model, parameters)
    try:
        if options["working electrode"] == "positive":
            working = electrode_soh_half_cell.get_min_max_stoichiometries(parameters, options=options)
            name, empty, full = POSITIVE, working["x_0"], working["x_100"]
        else:
            name = NEGATIVE
            empty, full, _, _ = pybamm.lithium_ion.get_min_max_stoichiometries(
                parameters, param=model.param, options=options
            )
        return _between(model.variables[name], float(empty), float(full))
    except (KeyError, ValueError, pybamm.SolverError):
        return None


def _between(stoichiometry: pybamm.Symbol, empty: float, full: float) -> pybamm.Symbol:
    return (stoichiometry - empty) / (full - empty)
