"""What became of a protocol that is known beforehand, however its equations were solved."""

from batterysim.catalogue.prescription import Prescription
from batterysim.results import TIME, Column, EndReason
from batterysim_runner.protocols.grid import TimeGrid
from batterysim_runner.report.trace import Series, Trace


def followed(
    prescription: Prescription,
    grid: TimeGrid,
    values: Series,
    end_reason: EndReason,
    columns: tuple[Column, ...],
) -> Trace:
    """Return the run of a single cell with these series, which begin at time 0.

    columns: the result's, in their order.
    """
    times = values[TIME.name]
    return Trace(
        values,
        grid.in_output(times),
        end_reason,
        columns=columns,
        # a given power says the current but for the voltage, which changes little between two points
        current_is_given=prescription.quantity != "Voltage",
        halves=grid.halving(times),
    )
