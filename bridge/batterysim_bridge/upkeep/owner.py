"""The release and the cluster that a bridge belongs to: the UID of its ServiceAccount.

No right is needed to read it: Kubernetes writes it into the token that the pod has. A ServiceAccount keeps it
over upgrades and restores of etcd; another cluster, or a new installation, has another one.
"""

import base64
import json
from pathlib import Path

from batterysim.kubernetes_names import is_label

TOKEN_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


def read_owner(token_file: Path = TOKEN_FILE) -> str | None:
    """Return the UID of this pod's ServiceAccount; None: this is no pod, or its token does not say it."""
    try:
        payload = token_file.read_text(encoding="ascii").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        uid = claims["kubernetes.io"]["serviceaccount"]["uid"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return uid if isinstance(uid, str) and is_label(uid) else None
