"""The base of every type in the contract: camelCase outside, snake_case inside, nothing unknown."""

import ast
import inspect
import textwrap
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
"""An object whose shape another authority defines: PyBaMM's options, a BPX file. The API server takes it
as it is; `validation` looks into it."""


class Choice(NamedTuple):
    """Fields of which at most one is given, or exactly one where `required`."""

    fields: tuple[str, ...]
    required: bool = True

    def message(self) -> str:
        """Return what to do, in words."""
        names = [to_camel(field) for field in self.fields]
        return f"set {self._demand} one of {', '.join(names[:-1])} and {names[-1]}"

    def cel(self) -> str:
        """Return the rule for the API server, in the Common Expression Language."""
        given = ", ".join(f"has(self.{to_camel(field)})" for field in self.fields)
        return f"[{given}].filter(given, given).size() {'==' if self.required else '<='} 1"

    def holds(self, values: BaseModel) -> bool:
        """Tell whether the fields are given as they should be."""
        given = sum(getattr(values, field) is not None for field in self.fields)
        return given == 1 or (given == 0 and not self.required)

    @property
    def _demand(self) -> str:
        return "exactly" if self.required else "at most"


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

    choices: ClassVar[tuple[Choice, ...]] = ()
    """Which fields exclude each other. Held here, and by the API server through the CRD."""

    cel_rules: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Further rules for the API server, each with words that say what to change."""

    @model_validator(mode="after")
    def _choices_hold(self) -> Self:
        for choice in self.choices:
            if not choice.holds(self):
                raise ValueError(choice.message())
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the descriptions, and the rules as Kubernetes writes them."""
        schema = handler(core_schema)
        described = handler.resolve_ref_schema(schema)
        for name, description in field_descriptions(cls).items():
            described["properties"][to_camel(name)].setdefault("description", description)
        rules = [(choice.cel(), choice.message()) for choice in cls.choices] + list(cls.cel_rules)
        if rules:
            described["x-kubernetes-validations"] = [
                {"rule": rule, "message": message} for rule, message in rules
            ]
        return schema

    def to_json_dict(self) -> dict[str, object]:
        """Return what Kubernetes and HTTP clients see: camelCase keys, absent values left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


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
