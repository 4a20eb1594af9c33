"""The ConfigMaps in the files, to which simulations refer as in the cluster."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from batterysim.spec.documents.contents import ContentReference, Reader, UnreadableContentError

KIND = "ConfigMap"


def is_config_map(raw: Any) -> bool:
    """Tell a ConfigMap from other documents."""
    return isinstance(raw, dict) and raw.get("kind") == KIND


def read_nothing(_: ContentReference) -> str:
    """Refuse to read what a spec from Python refers to.

    Raises:
        UnreadableContentError: always.
    """
    raise UnreadableContentError(
        "is out of reach, because there is no cluster here: give its content as text, a path or a data frame"
    )


class ConfigMaps:
    """All ConfigMaps that were found, to look contents up in."""

    def __init__(self, documents: Iterable[Any]) -> None:
        self._all = [raw for raw in documents if is_config_map(raw)]

    def reader(self, simulation: Mapping[str, Any]) -> Reader:
        """Return what reads the contents that a simulation refers to, from its own namespace."""
        namespace = _metadata(simulation).get("namespace")

        def read(reference: ContentReference) -> str:
            contents = [found.get("data") or {} for found in self._named(reference.name, namespace)]
            if not contents:
                raise UnreadableContentError(f"is in none of the files: add the file with this {KIND}")
            text = contents[0].get(reference.key)
            if text is None:
                known = ", ".join(map(repr, contents[0])) or "none"
                raise UnreadableContentError(f"does not exist: correct the reference; its keys are {known}")
            if not isinstance(text, str):
                raise UnreadableContentError("must be text: quote it, or write it below a |")
            return text

        return read

    def _named(self, name: str, namespace: str | None) -> Iterator[dict[str, Any]]:
        """Find ConfigMaps. Objects without a namespace are all in the same one."""
        for found in self._all:
            metadata = _metadata(found)
            if metadata.get("name") == name and (
                namespace is None or metadata.get("namespace", namespace) == namespace
            ):
                yield found


def _metadata(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = raw.get("metadata")
    return metadata if isinstance(metadata, dict) else {}
