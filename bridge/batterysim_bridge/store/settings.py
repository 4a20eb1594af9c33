"""Where results are kept, as environment variables say it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from batterysim_bridge.environment import SettingsError, choice, natural, switch

DEFAULT_DIRECTORY = Path("/var/lib/batterysim")
DIRECTORY, S3 = "directory", "s3"

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


@dataclass(frozen=True)
class BucketSettings:
    """A bucket of an object store that speaks S3. Keys come from the environment or the cloud, never here."""

    name: str
    """Name of the bucket."""
    prefix: str = ""
    """What the names of all objects of ours begin with."""
    endpoint: str | None = None
    """URL of the server; None: Amazon's, of the region."""
    region: str | None = None
    """The bucket's region; None: AWS_REGION, else us-east-1."""
    allow_http: bool = False
    """Whether the endpoint may be one without TLS."""
    ca_file: Path | None = None
    """Certificates, as PEM, that are trusted in addition to the system's."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "BucketSettings":
        """Read the settings.

        Raises:
            SettingsError: for the first variable that is missing or wrong.
        """
        allow_http = switch(environment, "BATTERYSIM_S3_ALLOW_HTTP")
        ca_file = environment.get("BATTERYSIM_S3_CA_FILE")
        return cls(
            name=_bucket(environment, "BATTERYSIM_S3_BUCKET"),
            prefix=_prefix(environment, "BATTERYSIM_S3_PREFIX"),
            endpoint=_endpoint(environment, "BATTERYSIM_S3_ENDPOINT", allow_http=allow_http),
            region=environment.get("BATTERYSIM_S3_REGION") or None,
            allow_http=allow_http,
            ca_file=Path(ca_file) if ca_file else None,
        )


@dataclass(frozen=True)
class StoreSettings:
    """The settings of the result store."""

    directory: Path = DEFAULT_DIRECTORY
    """The only directory that is written to. With a bucket it holds nothing but uploads under way."""
    bucket: BucketSettings | None = None
    """Where results and checkpoints are kept; None: in the directory."""
    quota_bytes: int | None = None
    """How much a namespace may store; None: an equal share, once a volume is nearly full."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "StoreSettings":
        """Read the settings.

        Raises:
            SettingsError: for the first variable that is missing or wrong.
        """
        kind = choice(environment, "BATTERYSIM_STORE", (DIRECTORY, S3))
        return cls(
            directory=Path(environment.get("BATTERYSIM_STORE_DIR") or DEFAULT_DIRECTORY),
            bucket=BucketSettings.from_environment(environment) if kind == S3 else None,
            quota_bytes=natural(environment, "BATTERYSIM_NAMESPACE_QUOTA_BYTES") or None,
        )


def _bucket(environment: Mapping[str, str], variable: str) -> str:
    value = environment.get(variable, "")
    if not _BUCKET.fullmatch(value):
        raise SettingsError(
            f"{variable} is {value!r}: set it to the bucket's name, 3 to 63 of a-z, 0-9, dots and hyphens, "
            f"or BATTERYSIM_STORE to {DIRECTORY}"
        )
    return value


def _prefix(environment: Mapping[str, str], variable: str) -> str:
    value = environment.get(variable, "").strip("/")
    if value and not _PREFIX.fullmatch(value):
        raise SettingsError(
            f"{variable} is {value!r}: set it to names of letters, digits, '.', '_' and '-', "
            "separated by slashes, such as batterysim/results"
        )
    return value


def _endpoint(environment: Mapping[str, str], variable: str, *, allow_http: bool) -> str | None:
    value = environment.get(variable, "")
    if not value:
        return None
    if not re.match(r"https?://[^/]", value):
        raise SettingsError(f"{variable} is {value!r}: set it to a URL such as https://s3.example.org")
    if value.startswith("http:") and not allow_http:
        raise SettingsError(
            f"{variable} is {value!r}: use https://, or set BATTERYSIM_S3_ALLOW_HTTP to true "
            "if results may travel unencrypted"
        )
    return value.rstrip("/")
