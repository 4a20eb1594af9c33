"""A sweep on this machine, in a process of its own, which is small and has one thread, so that it may fork.

python -m batterysim_runner.sweep REQUEST TABLE

REQUEST is a file with the spec, contents in the place of references, the number of workers, and directories
for parts of the table and for series, as JSON. The sweep goes on behind parts that it finds; a whole
one removes them when its table is written.
TABLE is the Parquet file to write. On standard output come lines of JSON: tallies, then the end, or why there
is no table.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from batterysim.sweep.checks import parse_sweep
from batterysim_runner.child.process import die_with_parent
from batterysim_runner.compiled.library import installed


def main(request: Path, table: Path) -> None:
    """Solve the sweep, write its table, and tell how it went."""
    die_with_parent()  # nobody else would end it, and its parts stay
    # What libraries print is no news.
    news = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**message: Any) -> None:
        print(json.dumps(message), file=news, flush=True)

    stopped: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stopped.append(number))
    from batterysim_runner.sweep.parts import PartsError  # noqa: PLC0415 - imports Arrow

    try:
        end = _solve(json.loads(request.read_text(encoding="utf-8")), table, tell, lambda: bool(stopped))
    except PartsError as error:
        tell(failure={"message": str(error)})
    except OSError as error:
        tell(failure={"message": error.strerror or str(error), "file": error.filename2 or error.filename})
    else:
        tell(end=end)


def _solve(
    given: Mapping[str, Any], table: Path, tell: Callable[..., None], is_stopped: Callable[[], bool]
) -> dict[str, bool]:
    from batterysim_runner.sweep.local import LocalSweep  # noqa: PLC0415 - imports Arrow
    from batterysim_runner.sweep.parts import write_whole  # noqa: PLC0415
    from batterysim_runner.sweep.portion import Means  # noqa: PLC0415
    from batterysim_runner.sweep.table import write_parquet  # noqa: PLC0415

    directories = Path(given["parts"]), Path(given["series"])
    means = Means(installed(), tell=lambda tally: tell(tally=tally))
    sweep = LocalSweep(parse_sweep(given["spec"]), *directories, means)
    sweep.run(given["workers"], is_stopped)
    write_whole(table, write_parquet(sweep.table()))
    if sweep.is_whole:
        sweep.remove_parts()
    return {"isWhole": sweep.is_whole, "tooManyFailures": sweep.has_too_many_failures}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
