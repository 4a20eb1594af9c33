"""A spec as the API server takes it, where people and older versions may write more than one form."""

from collections.abc import Mapping
from typing import Any

from batterysim.spec.documents.bpx import compact
from batterysim.spec.documents.depth import MAX_DEPTH, is_deeper
from batterysim.spec.option_value import written


def in_api_server_form(raw_spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a spec as the API server takes it: BPX documents, pairs and truth values of options as text.

    What makes no sense stays as it is, for the validation to say so.
    """
    spec = with_bpx_as_text(raw_spec)
    match spec:
        case {"model": {"options": dict() as options} as model} if not is_deeper(options, MAX_DEPTH):
            written_options = {name: _option(value) for name, value in options.items()}
            return {**spec, "model": {**model, "options": written_options}}
    return spec


def with_bpx_as_text(raw_spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a spec that has no BPX document as an object, as older versions had it."""
    match raw_spec:
        case {"cell": {"bpx": {"inline": dict() as document, **rest}} as cell} if (
            "document" not in rest and not is_deeper(document, MAX_DEPTH)
        ):
            return {**raw_spec, "cell": {**cell, "bpx": {**rest, "document": compact(document)}}}
    return raw_spec


def _option(value: Any) -> Any:
    return written(value) if isinstance(value, list | bool) else value
