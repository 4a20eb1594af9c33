"""Which rows of a sweep's table a request asks for, and in which order."""

from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Depends, Query

from batterysim_bridge.api.openapi import sweep_operations
from batterysim_bridge.results.conditions import fulfilling, read_conditions
from batterysim_bridge.results.ranking import Window, check_window, count_rows, in_window, read_order
from batterysim_bridge.results.table import with_status
from batterysim_formats.series import Series


class Rows(NamedTuple):
    """What the request says. See the REST API's documentation."""

    status: Literal["Succeeded", "Failed"] | None
    filter: tuple[str, ...]
    order: str | None
    offset: int
    limit: int | None

    def of(self, table: Series) -> tuple[Series, dict[str, Any]]:
        """Return these rows, and what a document says of them. Blocks.

        Raises:
            ProblemError: the table has no such column, or too much is asked for.
        """
        window = Window(read_order(self.order, table.schema), self.offset, self.limit)
        check_window(window)
        conditions = read_conditions(self.filter, table.schema)
        matching = fulfilling(with_status(table, self.status), conditions)
        told = {"matching": count_rows(matching)} if self.filter or self.limit else {}
        return in_window(matching, window), told


async def _rows(
    status: Annotated[
        Literal["Succeeded", "Failed"] | None, Query(description="Only points with this status.")
    ] = None,
    filter: Annotated[list[str] | None, Query(description=sweep_operations.FILTER)] = None,  # noqa: A002 - the name
    order: Annotated[str | None, Query(description=sweep_operations.ORDER, max_length=300)] = None,
    offset: Annotated[int, Query(ge=0, description="Leave out this many rows first.")] = 0,
    limit: Annotated[int | None, Query(ge=1, description=sweep_operations.LIMIT)] = None,
) -> Rows:
    return Rows(status, tuple(filter or ()), order, offset, limit)


AskedRows = Annotated[Rows, Depends(_rows)]
