"""A parameter of the cell that is a function, such as an open-circuit potential or a conductivity."""

from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import Contract, Rule, at_most_one
from batterysim.spec.documents.reference import ConfigMapKeyReference
from batterysim.spec.number import NUMBER

MAX_TABLE_CHARACTERS = 200_000
"""The runner reads the spec through the downward API, whose annotations hold 256 KiB."""

GIVEN = ("expression", "table", "config_map_key_ref", "scale")


class CellFunction(Contract):
    """A parameter as a function: your own formula or table, or the cell's own one scaled."""

    rules = (
        at_most_one("expression", "table", "config_map_key_ref"),
        Rule(
            "has(self.expression) || has(self.table) || has(self.configMapKeyRef) || has(self.scale)",
            "set one of expression, table and configMapKeyRef, or a scale for the cell's own function",
            lambda given: any(getattr(given, name) is not None for name in GIVEN),
        ),
        Rule(
            "!has(self.interpolation) || has(self.table) || has(self.configMapKeyRef)",
            "interpolation is for a table: remove it",
            lambda given: given.interpolation is None or (given.expression is None and not given.is_own),
        ),
    )

    expression: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """A formula as in BPX files: numbers, + - * / **, brackets, exp, tanh, cosh, and the function's
    variables. These are x (stoichiometry), soc, T (K), T_degC, c_e, c_s, c_max (mol.m-3) and current (A);
    which of them a parameter has is in docs/cell-functions.md. For example "4.2 - 0.8 * x + exp(-30 * x)"."""
    # The API server's limit only: what comes from a ConfigMap is put here, too, and may be longer.
    table: (
        Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": MAX_TABLE_CHARACTERS})] | None
    ) = None
    """A table as CSV: a column for each variable, then the value, below headings such as "soc,T_degC,R0
    [Ohm]". Without headings, two columns: the function's first variable and the value. With more than one
    variable, each combination of their values has a row. A run that leaves the table fails."""
    config_map_key_ref: ConfigMapKeyReference | None = None
    """Where the table is."""
    interpolation: Literal["Linear", "Cubic", "Pchip"] | None = None
    """How a table is read between its points. Pchip (monotone cubic) is for one variable. Default: Linear."""
    scale: Annotated[float, Field(gt=0, le=1e6), NUMBER] | None = None
    """Factor by which the function's values are multiplied. Alone, it scales the cell's own function.
    Default: 1."""

    @property
    def is_own(self) -> bool:
        """Whether it is the cell's own function, scaled."""
        return self.expression is None and self.table is None and self.config_map_key_ref is None
