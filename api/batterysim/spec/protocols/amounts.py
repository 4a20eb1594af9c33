"""Numbers with a unit, and the limits beyond which none of them makes sense."""

from typing import Annotated

from pydantic import Field

from batterysim.spec.number import NUMBER

Seconds = Annotated[float, Field(gt=0, le=31_536_000), NUMBER]
Amperes = Annotated[float, Field(ge=-10_000, le=10_000), NUMBER]
CRate = Annotated[float, Field(ge=-100, le=100), NUMBER]
Watts = Annotated[float, Field(ge=-100_000, le=100_000), NUMBER]
Volts = Annotated[float, Field(gt=0, le=2000), NUMBER]
PositiveAmperes = Annotated[float, Field(gt=0, le=10_000), NUMBER]
PositiveCRate = Annotated[float, Field(gt=0, le=100), NUMBER]
Celsius = Annotated[float, Field(ge=-60, le=120), NUMBER]
Hertz = Annotated[float, Field(ge=1e-6, le=1e9), NUMBER]
VariableName = Annotated[str, Field(min_length=1, max_length=160)]
StepText = Annotated[str, Field(min_length=1, max_length=200)]
