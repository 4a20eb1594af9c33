"""A spec as the API server takes it, where people and older versions may write more than one form."""

from collections.abc import Mapping
from typing import Any

from batterysim.spec.documents.bpx import compact
from batterysim.spec.documents.depth import MAX_DEPTH, is_deeper
from batterysim.spec.option_value import written


def in_api_server_form(raw_spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a spec as the API server takes it: as text are BPX documents, pairs, truth values and fractions.

    What makes no sense stays as it is, for the validation to say so.
    """
    spec = with_bpx_as_text(raw_spec)
    match spec:
        case {"model": {"options": dict() as options} as model} if not is_deeper(options, MAX_DEPTH):
            written_options = {name: _option(value) for name, value in options.items()}
            spec = {**spec, "model": {**model, "options": written_options}}
    match spec:
        case {"run": {"resources": dict() as resources} as run}:
            amounts = {kind: _amounts(wanted) for kind, wanted in resources.items()}
            spec = {**spec, "run": {**run, "resources": amounts}}
    return spec


def _amounts(wanted: Any) -> Any:
    if not isinstance(wanted, dict):
        return wanted
    return {name: str(value) if isinstance(value, float) else value for name, value in wanted.items()}


def with_bpx_as_text(raw_spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a spec that has no BPX document as an object, as older versions had it."""
    match raw_spec:
        case {"cell": {"bpx": {"inline": dict() as document, **rest}} as cell} if (
            "document" not in rest and not is_deeper(document, MAX_DEPTH)
        ):
            return {**raw_spec, "cell": {**cell, "bpx": {**rest, "document": compact(document)}}}
    return raw_spec


def _option(value: Any) -> Any:
    return written(value) if isinstance(value, list | bool | float) else value
