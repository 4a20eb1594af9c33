"""The controller of an object, as its ownerReferences name it."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Controller(NamedTuple):
    """The controller in an object's ownerReferences. The creator of the object writes them."""

    kind: str
    name: str
    uid: str


def controller_of(metadata: Mapping[str, Any]) -> Controller | None:
    """Return the controller that an object's metadata name; None: there is none, or it makes no sense.

    It counts only after an object with this kind and UID has been looked up.
    """
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller"):
            found = owner.get("kind"), owner.get("name"), owner.get("uid")
            return Controller(*map(str, found)) if all(found) else None
    return None
