"""Names as Kubernetes has them, and paths made of nothing but names.

Names from users go into paths of the API server and of the store: a name that is none, such as
`../../other/secrets/key`, would be another place there.
"""

import re
from typing import Annotated

from pydantic import Field

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"

LABEL_PATTERN = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
"""RFC 1123 label: namespaces, for example. The pattern bounds the length, of 63."""
SUBDOMAIN_PATTERN = rf"^{_LABEL}(\.{_LABEL})*$"
"""RFC 1123 subdomain: most objects. Of at most SUBDOMAIN_MAX_LENGTH."""
SUBDOMAIN_MAX_LENGTH = 253
PREFIX_PATTERN = rf"^{_LABEL}(\.{_LABEL})*-*$"
"""Beginnings of generated names (`generateName`). Of at most PREFIX_MAX_LENGTH."""
PREFIX_MAX_LENGTH = 200
"""The API server takes the first 58 characters; a name that is derived from a key has 40 more characters."""
KEY_PATTERN = r"^\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$"
"""Keys of ConfigMaps and Secrets, which are names of files: not `.`, and nothing that begins with `..`."""
LABEL_VALUE_PATTERN = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
"""Values of labels, of at most 63 characters."""

ObjectName = Annotated[str, Field(min_length=1, max_length=SUBDOMAIN_MAX_LENGTH, pattern=SUBDOMAIN_PATTERN)]
NamePrefix = Annotated[str, Field(min_length=1, max_length=PREFIX_MAX_LENGTH, pattern=PREFIX_PATTERN)]
NamespaceName = Annotated[str, Field(pattern=LABEL_PATTERN)]
DataKey = Annotated[str, Field(min_length=1, max_length=253, pattern=KEY_PATTERN)]
"""A key of a ConfigMap or a Secret."""
LabelValue = Annotated[str, Field(max_length=63, pattern=LABEL_VALUE_PATTERN)]

WORDS_FOR_SUBDOMAIN = (
    f"must be at most {SUBDOMAIN_MAX_LENGTH} lower-case letters, digits, '-' and '.', with a letter or "
    "digit at "
    "both ends and on both sides of each '.'"
)
"""The message for a value that is not such a name."""
WORDS_FOR_PREFIX = (
    f"must be at most {PREFIX_MAX_LENGTH} lower-case letters, digits, '-' and '.', with a letter or digit at "
    "the beginning and on both sides of each '.'"
)

_LABEL_KEY = re.compile(rf"({_LABEL}(\.{_LABEL})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?")
_SEGMENT = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?")


class NotANameError(ValueError):
    """A part of a path is not a name."""


def is_subdomain(name: str) -> bool:
    """Tell whether this can be the name of an object."""
    return len(name) <= SUBDOMAIN_MAX_LENGTH and re.fullmatch(SUBDOMAIN_PATTERN, name) is not None


def is_name_prefix(prefix: object) -> bool:
    """Tell whether this can be the beginning of a generated name."""
    return (
        isinstance(prefix, str)
        and len(prefix) <= PREFIX_MAX_LENGTH
        and re.fullmatch(PREFIX_PATTERN, prefix) is not None
    )


def is_label(name: str) -> bool:
    """Tell whether this can be the name of a namespace."""
    return re.fullmatch(LABEL_PATTERN, name) is not None


def is_label_key(key: str) -> bool:
    """Tell whether this can be the key of a label or an annotation, such as `example.com/team`."""
    return len(key) <= SUBDOMAIN_MAX_LENGTH + 64 and _LABEL_KEY.fullmatch(key) is not None


def path_of(*segments: str) -> str:
    """Join names to a path that begins with a slash.

    >>> path_of("api", "v1", "namespaces", "lab", "pods", "cell-1")
    '/api/v1/namespaces/lab/pods/cell-1'

    Raises:
        NotANameError: a segment is empty, too long, or has other characters than a name.
    """
    for segment in segments:
        if len(segment) > SUBDOMAIN_MAX_LENGTH or ".." in segment or _SEGMENT.fullmatch(segment) is None:
            raise NotANameError(f"{segment[:80]!r} is not a name: it cannot be part of a path")
    return "".join(f"/{segment}" for segment in segments)
