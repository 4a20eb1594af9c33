"""YAML as kubectl reads it, where YAML's own loaders do something else in silence."""

import re
from collections.abc import Mapping
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

SHOWN_CHARACTERS = 40
FLOAT = "tag:yaml.org,2002:float"
INT = "tag:yaml.org,2002:int"
TIMESTAMP = "tag:yaml.org,2002:timestamp"

_NUMBER = re.compile(r"^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$")
"""A number in go-yaml, which kubectl reads with. YAML's own loaders want a dot and the exponent's sign."""


RESOLVERS = {
    # Behind the whole numbers, which match as well.
    first: [*resolvers, *([(FLOAT, _NUMBER)] if first in "+-.0123456789" else [])]
    for first, resolvers in Resolver.yaml_implicit_resolvers.items()
}
"""What a plain word is, by its first character."""


class StrictYamlError(yaml.MarkedYAMLError):
    """YAML that is rejected only here. Its problem says what to do."""


class StrictYaml(SafeConstructor):
    """Goes before one of YAML's safe loaders. A key that occurs twice is rejected, while they take the last
    one. 5e-6 is a number, which they take for a text. 1:30 is a text, which they take for 90; a long one
    costs them time as the square of its length. A date is a text, too."""

    yaml_implicit_resolvers = RESOLVERS

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping.

        Raises:
            StrictYamlError: names the key, and where it is for the second time.
        """
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise StrictYamlError(
                    problem=f"the key {key.value!r} occurs twice: remove one", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_number(self, node: yaml.ScalarNode) -> Any:
        """Return a number, or the text of one to the base of 60.

        Raises:
            StrictYamlError: names what is no number, and where it is.
        """
        if ":" in node.value:
            return self.construct_scalar(node)
        try:
            return self.construct_yaml_int(node) if node.tag == INT else self.construct_yaml_float(node)
        except (ValueError, IndexError) as error:
            shown = node.value[:SHOWN_CHARACTERS]
            raise StrictYamlError(
                problem=f"{shown!r} is no number, or one with too many digits: correct it",
                problem_mark=node.start_mark,
            ) from error


StrictYaml.yaml_constructors = {
    **SafeConstructor.yaml_constructors,
    INT: StrictYaml.construct_number,
    FLOAT: StrictYaml.construct_number,
    TIMESTAMP: SafeConstructor.construct_yaml_str,
}


class StrictLoader(StrictYaml, yaml.SafeLoader):
    """For files and options, in pure Python."""


def as_yaml(document: Mapping[str, Any]) -> str:
    """Return a document as YAML, without a line end at its end."""
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True).rstrip()


class _Dumper(yaml.SafeDumper):
    """Puts a text into quotation marks where kubectl would read a number."""

    yaml_implicit_resolvers = RESOLVERS
