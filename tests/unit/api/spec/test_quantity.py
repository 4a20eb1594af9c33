"""Amounts of CPU and memory are read as Kubernetes reads them."""

import pytest
from pydantic import TypeAdapter, ValidationError

from batterysim.spec.quantity import Quantity

QUANTITY: TypeAdapter[str] = TypeAdapter(Quantity)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("500m", "500m"),
        ("1.5Gi", "1.5Gi"),
        (2, "2"),
        (0.5, "0.5"),
        (".5", ".5"),
        ("2e3", "2e3"),
        (1e22, "1e+22"),
    ],
)
def test_good_amounts(written: object, read: str) -> None:
    assert QUANTITY.validate_python(written) == read


@pytest.mark.parametrize(
    "written", ["", "much", "1 Gi", "-1", -1, "1GiB", True, None, [], "1\n", "1" * 41, float("nan")]
)
def test_bad_amounts(written: object) -> None:
    with pytest.raises(ValidationError, match="must be an amount such as 500m, 2 or 512Mi"):
        QUANTITY.validate_python(written)
