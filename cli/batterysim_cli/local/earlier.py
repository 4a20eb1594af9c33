"""The earlier result that a simulation here goes on from: a Parquet file."""

import io
from pathlib import Path

from batterysim.continuation.likeness import refusal
from batterysim.results import STATE_METADATA_KEY
from batterysim.spec.simulation import BatterySimulationSpec

PARQUET = "parquet"


def read_state(content: Path | bytes) -> bytes:
    """Return the state in a result file, or in its content.

    Raises:
        InvalidSpecError: there is no such file, or no state in it.
    """
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and few need it
    import pyarrow.parquet as pq  # noqa: PLC0415

    where = "the earlier result" if isinstance(content, bytes) else str(content)
    try:
        metadata = pq.read_metadata(io.BytesIO(content) if isinstance(content, bytes) else content)
    except FileNotFoundError as error:
        raise refusal(
            f"{where} does not exist: run the earlier simulation first, or fetch its result with "
            f"`batterysim result NAME --output {where}`"
        ) from error
    except (OSError, pa.ArrowInvalid) as error:
        raise refusal(f"{where} cannot be read: it must be the Parquet file of a result") from error
    state: bytes | None = (metadata.metadata or {}).get(STATE_METADATA_KEY)
    if state is None:
        raise refusal(
            f"{where} has no state to go on from: it is of a pack, an impedance, a failed run or an earlier "
            "version, or was written by another program: run the earlier simulation again"
        )
    return state


def state_in_directory(spec: BatterySimulationSpec, directory: Path) -> bytes | None:
    """Return the state that a spec goes on from, out of a directory of results; None: it goes on from none.

    Raises:
        InvalidSpecError: it is not there.
    """
    if spec.cell.initial_state is None:
        return None
    return read_state(directory / f"{spec.cell.initial_state.from_result}.{PARQUET}")
