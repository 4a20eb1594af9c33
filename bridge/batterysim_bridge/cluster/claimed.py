"""What a token says of itself, before anyone has found out whether it is true.

It saves questions to the API server: a token that says itself that it is for somebody else, or expired, needs
no review.
"""

import base64
import binascii
import json
from typing import Any

from batterysim import names

CREDENTIAL_PREFIX = "bsimrun_"
"""Tells a credential for one attempt on a shared runner from a token of the cluster."""

# The API server's clock is the one that counts.
LEEWAY_SECONDS = 60.0


def objection_to_token(token: str, now: float, *, any_audience: bool = False) -> str | None:
    """Return why a token cannot be good; None if it may be.

    now: Unix time in seconds. any_audience: whether tokens for the API server are accepted as well.
    """
    if token.startswith(CREDENTIAL_PREFIX):
        return "this is the credential of a run on a shared runner: send a token of the cluster"
    claims = _claims(token)
    if claims is None:
        return None
    expires = claims.get("exp")
    if isinstance(expires, int | float) and expires + LEEWAY_SECONDS < now:
        return "the token is expired: create a new one"
    if any_audience or "aud" not in claims:
        return None
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if names.TOKEN_AUDIENCE in audiences:
        return None
    return f"the token is not for the bridge: create one with --audience {names.TOKEN_AUDIENCE}"


def _claims(token: str) -> dict[str, Any] | None:
    """Return the claims of a JSON Web Token; None if it is none, which is no fault."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
