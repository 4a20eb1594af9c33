"""References from a spec to Secrets and ConfigMaps in the object's own namespace."""

from batterysim.contract import Contract
from batterysim.kubernetes_names import DataKey, ObjectName


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
