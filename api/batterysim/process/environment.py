"""Settings from environment variables that the Helm chart sets, one with JSON for each section of its values.

For programs that run in a cluster. Errors name the variable, the field and the value.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnparsedError

PREFIX = "BATTERYSIM_"
SHOWN = 80
"""How many characters of a wrong value are shown."""


NONE_IF_EMPTY = BeforeValidator(lambda value: value or None)
"""In the chart's values, an empty text is none, and a limit of 0 is no limit."""

Limit = Annotated[int | None, Field(ge=1), NONE_IF_EMPTY]
OptionalText = Annotated[str | None, NONE_IF_EMPTY]


def _base_url(value: str) -> str:
    if not re.match(r"https?://[^/]", value):
        raise ValueError("must be a base URL, such as https://host.example.org:8084")
    return value


BaseUrl = Annotated[str, AfterValidator(_base_url)]
OptionalBaseUrl = Annotated[BaseUrl | None, NONE_IF_EMPTY]


class SettingsError(Exception):
    """An environment variable that cannot be used. Names it, the field, the value and what is expected."""


class Section(BaseModel):
    """A section of the chart's values, which has the same names there, in camel case."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        arbitrary_types_allowed=True,
    )


class EnvironmentSettings(BaseSettings):
    """All settings of a program: each field is the variable of its name, in capitals, after PREFIX."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    @classmethod
    def settings_customise_sources(  # type: ignore[override]
        cls,
        _: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the arguments only: `from_environment` gives those that the environment has."""
        return (init_settings,)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: for everything that is missing or wrong.
        """
        try:
            return cls.model_validate(_Source(cls, environment)())
        except UnparsedError as error:
            raise SettingsError(_unparsed(error, environment)) from error
        except ValidationError as error:
            raise SettingsError("; ".join(map(_wrong, error.errors()))) from error


class _Source(EnvSettingsSource):
    """Environment variables that are given, and not those of this process."""

    def __init__(self, settings: type[BaseSettings], environment: Mapping[str, str]) -> None:
        self._environment = environment
        super().__init__(settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environment.items() if value}


def _unparsed(error: UnparsedError, environment: Mapping[str, str]) -> str:
    field = str(error).split('"')[1]
    variable = f"{PREFIX}{field.upper()}"
    return f"{variable} is {_shown(environment.get(variable))}: set it to JSON ({error.__cause__})"


def _wrong(error: Any) -> str:
    first, *rest = error["loc"]
    place = ".".join([f"{PREFIX}{str(first).upper()}", *map(str, rest)])
    if error["type"] == "missing":
        return f"{place} is not set: it has to be"
    return f"{place} is {_shown(error['input'])}: {error['msg'].removeprefix('Value error, ')}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
