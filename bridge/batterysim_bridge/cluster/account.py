"""The release and the cluster that a bridge belongs to: its ServiceAccount.

No right is needed to know it: Kubernetes writes it into the token that the pod has. A ServiceAccount keeps
its UID over upgrades and restores of etcd; another cluster, or a new installation, has another one.
"""

import base64
import json
from pathlib import Path
from typing import NamedTuple

from batterysim.kubernetes_names import is_label

TOKEN_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


class Account(NamedTuple):
    """A ServiceAccount."""

    namespace: str
    name: str


def read_owner(token_file: Path = TOKEN_FILE) -> str | None:
    """Return the UID of this pod's ServiceAccount; None: this is no pod, or its token does not say it."""
    try:
        uid = _claims(token_file)["serviceaccount"]["uid"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return uid if isinstance(uid, str) and is_label(uid) else None


def read_account(token_file: Path = TOKEN_FILE) -> Account | None:
    """Return this pod's ServiceAccount; None: as `read_owner`."""
    try:
        claims = _claims(token_file)
        return Account(str(claims["namespace"]), str(claims["serviceaccount"]["name"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _claims(token_file: Path) -> dict[str, dict[str, object]]:
    payload = token_file.read_text(encoding="ascii").split(".")[1]
    claims: dict[str, dict[str, dict[str, object]]] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return claims["kubernetes.io"]
