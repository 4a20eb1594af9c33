"""The bases of every type in the contract: camelCase outside, snake_case inside.

What a person writes is a `Contract`, in which nothing may be unknown; what our own programs tell each other
is a `Report`, whose reader may be older than its writer.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    JsonValue,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

JsonObject = Annotated[
    dict[str, JsonValue],
    WithJsonSchema({"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
]
"""An object whose shape another authority defines. For HTTP only: the API server cannot bound its depth."""


class Rule(NamedTuple):
    """What fields of one object have to fulfil together, said twice: for the API server and for us.

    cel: in the Common Expression Language, where `self` is the object with its defaults.
    message: what to do, in words.
    holds: the same in Python, given the object.
    explain: the same words with this object's values, where these help.
    """

    cel: str
    message: str
    holds: Callable[[Any], bool]
    explain: Callable[[Any], str] | None = None

    def objection(self, values: BaseModel) -> str | None:
        """Return what to do about an object; None if the rule holds."""
        if self.holds(values):
            return None
        return self.message if self.explain is None else self.explain(values)


def exactly_one(*fields: str) -> Rule:
    """Return the rule that one of the fields is given, and no other of them."""
    return _choice(fields, "exactly", "==")


def at_most_one(*fields: str) -> Rule:
    """Return the rule that no two of the fields are given."""
    return _choice(fields, "at most", "<=")


def _choice(fields: tuple[str, ...], demand: str, comparison: str) -> Rule:
    names = [to_camel(field) for field in fields]
    given = ", ".join(f"has(self.{name})" for name in names)

    def holds(values: BaseModel) -> bool:
        count = sum(getattr(values, field) is not None for field in fields)
        return count == 1 or (count == 0 and comparison == "<=")

    return Rule(
        f"[{given}].filter(given, given).size() {comparison} 1",
        f"set {demand} one of {', '.join(names[:-1])} and {names[-1]}",
        holds,
    )


class Contract(BaseModel):
    """A piece of the contract. Unknown fields are errors, so a misspelt field is never silently ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        # Each process uses a few of these types, and building all of them takes longer than using those.
        defer_build=True,
    )

    rules: ClassVar[tuple[Rule, ...]] = ()
    """What no single field says. Held here, and by the API server through the CRD."""

    @model_validator(mode="after")
    def _rules_hold(self) -> Self:
        for rule in self.rules:
            if (objection := rule.objection(self)) is not None:
                raise ValueError(objection)
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the descriptions, and the rules as Kubernetes writes them."""
        schema = handler(core_schema)
        described = handler.resolve_ref_schema(schema)
        for name, description in field_descriptions(cls).items():
            described["properties"][cls.model_fields[name].alias].setdefault("description", description)
        if cls.rules:
            described["x-kubernetes-validations"] = [
                {"rule": rule.cel, "message": rule.message} for rule in cls.rules
            ]
        return schema

    def to_json_dict(self) -> dict[str, object]:
        """Return what Kubernetes and HTTP clients see: camelCase keys, absent values left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Report(Contract):
    """A piece of the contract that a program writes and another one reads, which may be older.

    For as long as an upgrade or a rollback takes, what a reader does not know is ignored (docs/versions.md).
    """

    model_config = ConfigDict(extra="ignore")


def field_descriptions(contract: type[Contract]) -> dict[str, str]:
    """Return what the docstrings below the fields say, by the fields' names.

    They are read from the source when somebody asks. Pydantic can do so by itself, but does it whenever a
    process imports the class, which for all of the contract takes as long as a short simulation.
    """
    descriptions: dict[str, str] = {}
    for base in reversed(contract.__mro__):
        if issubclass(base, Contract) and base is not Contract:
            definition = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
            descriptions |= _docstrings_below_fields(definition, base)
    return descriptions


def _docstrings_below_fields(definition: ast.stmt, contract: type[Contract]) -> dict[str, str]:
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - the source of a class is one
    found = {}
    for statement, below in pairwise(definition.body):
        match statement, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ) if name in contract.model_fields:
                found[name] = inspect.cleandoc(text)
    return found
