"""What the API server says against an object that was to be created."""

import json

from batterysim_kube.errors import REFUSALS, UNPROCESSABLE, ApiException, message_of
from batterysim_operator.reconcile.observation import Refusal

INTERNAL_ERROR = 500


def refusal_of(error: ApiException) -> Refusal | None:
    """Return what an answer says against an object that was to be created; None: it is about something else.

    A quota, a policy, a webhook and an ending namespace refuse for as long as they like, with any code. Only
    fields that are wrong by Kubernetes' own rules are wrong for good.
    """
    is_of_webhook = error.status == INTERNAL_ERROR and "webhook" in message_of(error)
    if error.status not in REFUSALS and not is_of_webhook:
        return None
    return Refusal(message_of(error), final=error.status == UNPROCESSABLE and _names_a_field(error))


def _names_a_field(error: ApiException) -> bool:
    try:
        causes = json.loads(error.body or "")["details"]["causes"]
        return any(str(cause.get("field", "")).startswith("spec.") for cause in causes)
    except (TypeError, ValueError, KeyError, AttributeError):
        return False
