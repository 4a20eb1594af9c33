"""References from a spec to Secrets and ConfigMaps in the object's own namespace."""

from typing import Annotated

from pydantic import Field

from batterysim.contract import Contract
from batterysim.kubernetes_names import KEY_PATTERN, SUBDOMAIN_MAX_LENGTH, SUBDOMAIN_PATTERN

ObjectName = Annotated[str, Field(min_length=1, max_length=SUBDOMAIN_MAX_LENGTH, pattern=SUBDOMAIN_PATTERN)]
DataKey = Annotated[str, Field(min_length=1, max_length=253, pattern=KEY_PATTERN)]


class SecretKeyReference(Contract):
    """A key of a Secret in the object's own namespace."""

    name: ObjectName
    """Name of the Secret."""
    key: DataKey = "key"
    """Key in the Secret's data. Its value is a Standard Webhooks secret: "whsec_" and base64."""


class ConfigMapKeyReference(Contract):
    """A key of a ConfigMap in the object's own namespace. It is read when the runner starts."""

    name: ObjectName
    """Name of the ConfigMap."""
    key: DataKey
    """Key in the ConfigMap's data."""
