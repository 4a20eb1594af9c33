"""References from a spec to Secrets and ConfigMaps in the object's own namespace."""

from typing import Annotated

from pydantic import Field

from batterysim.contract import Contract

ObjectName = Annotated[str, Field(min_length=1, max_length=253)]


class SecretKeyReference(Contract):
    """A key of a Secret in the object's own namespace."""

    name: ObjectName
    """Name of the Secret."""
    key: ObjectName = "key"
    """Key in the Secret's data. Its value is a Standard Webhooks secret: "whsec_" and base64."""


class ConfigMapKeyReference(Contract):
    """A key of a ConfigMap in the object's own namespace. It is read when the runner starts."""

    name: ObjectName
    """Name of the ConfigMap."""
    key: Annotated[str, Field(min_length=1, max_length=253, pattern="^[-._a-zA-Z0-9]+$")]
    """Key in the ConfigMap's data."""
