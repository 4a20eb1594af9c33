"""Kubernetes quantities, as in `500m` cores or `512Mi` bytes."""

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

# The API server's own pattern for quantities
# (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
QUANTITY_PATTERN = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?[0-9]+))?$"


def _text(value: object) -> object:
    """YAML reads `cpu: 2` as a number; Kubernetes takes it as the quantity "2"."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Quantity = Annotated[
    str,
    BeforeValidator(_text),
    Field(pattern=QUANTITY_PATTERN, max_length=40),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "x-kubernetes-int-or-string": True,
            "pattern": QUANTITY_PATTERN,
        }
    ),
]
