"""Where results are kept and how much of them: `bridge.store` of the chart's values, without its volume."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, ValidationInfo, field_validator

from batterysim.process.environment import Limit, OptionalBaseUrl, OptionalText, Section

DEFAULT_DIRECTORY = Path("/var/lib/batterysim")
LARGEST_ORPHANED_SHARE = 0.1

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def _bucket(value: str) -> str:
    if not _BUCKET.fullmatch(value):
        raise ValueError("must be the bucket's name, 3 to 63 of a-z, 0-9, dots and hyphens")
    return value


def _prefix(value: str) -> str:
    prefix = value.strip("/")
    if prefix and not _PREFIX.fullmatch(prefix):
        raise ValueError(
            "must be names of letters, digits, '.', '_' and '-', separated by slashes, "
            "such as batterysim/results"
        )
    return prefix


class BucketSettings(Section):
    """A bucket of an object store that speaks S3. Keys come from the environment or the cloud, never here."""

    bucket: Annotated[str, AfterValidator(_bucket)]
    """Name of the bucket."""
    prefix: Annotated[str, AfterValidator(_prefix)] = ""
    """What the names of all objects of ours begin with."""
    allow_http: bool = False
    """Whether the endpoint may be one without TLS."""
    endpoint: OptionalBaseUrl = None
    """URL of the server; None: Amazon's, of the region."""
    region: OptionalText = None
    """The bucket's region; None: AWS_REGION, else us-east-1."""
    ca_file: Path | None = None
    """Certificates, as PEM, that are trusted in addition to the system's."""

    @field_validator("endpoint")
    @classmethod
    def _is_encrypted(cls, endpoint: str | None, info: ValidationInfo) -> str | None:
        if endpoint and endpoint.startswith("http:") and not info.data.get("allow_http"):
            raise ValueError("use https://, or set allowHttp to true if results may travel unencrypted")
        return endpoint and endpoint.rstrip("/")


class RetentionSettings(Section):
    """When results are removed by themselves."""

    days: NonNegativeInt = 0
    """Those older than this. 0: none."""
    max_bytes: Limit = None
    """The oldest, when all of them together are larger than this. None: none."""


class StoreSettings(Section):
    """The settings of the result store."""

    directory: Path = DEFAULT_DIRECTORY
    """The only directory that is written to. With a bucket it holds nothing but uploads under way."""
    s3: BucketSettings | None = None
    """The bucket where results and checkpoints are kept; None: in the directory."""
    namespace_quota_bytes: Limit = None
    """How much a namespace may store; None: an equal share, once a volume is nearly full."""
    max_result_bytes: PositiveInt = 1 << 30
    """Largest result that is accepted."""
    max_checkpoint_bytes: PositiveInt = 1 << 28
    """Largest checkpoint that is accepted. A run with a larger one starts again when its pod is lost."""
    retention: RetentionSettings = RetentionSettings()
    largest_orphaned_share: Annotated[float, Field(ge=0, le=1)] = LARGEST_ORPHANED_SHARE
    """The part of the store, from 0 to 1, that a cleanup may remove because its simulations are gone."""
