"""Reads a spec when it is imported: what is loaded at the first use is there for all that fork from here."""

from batterysim.checks.validation import parse_spec

parse_spec(
    {
        "model": {"family": "DFN"},
        "cell": {"parameterSet": "Chen2020"},
        "protocol": {"experiment": {"steps": ["Discharge at 1C until 2.5 V"]}},
    }
)
