"""Kubernetes quantities, as in `500m` cores or `512Mi` bytes."""

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

# The API server's own pattern for quantities, without the sign, because no amount is negative
# (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
QUANTITY_PATTERN = r"^(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?[0-9]+))?$"
WORDS_FOR_QUANTITY = "must be an amount such as 500m, 2 or 512Mi"
MAX_LENGTH = 40


def _amount(value: object) -> str:
    """YAML reads `cpu: 2` as a number; Kubernetes takes it as the quantity "2"."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = str(value) if is_number else value
    if not isinstance(text, str) or len(text) > MAX_LENGTH or not re.fullmatch(QUANTITY_PATTERN, text):
        raise ValueError(f"{WORDS_FOR_QUANTITY}, not {value!r}")
    return text


Quantity = Annotated[
    str,
    BeforeValidator(_amount),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "x-kubernetes-int-or-string": True,
            "pattern": QUANTITY_PATTERN,
        }
    ),
]
