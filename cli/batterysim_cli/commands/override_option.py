"""The option `--set`, which commands with a cluster and without share."""

from typing import Annotated

import typer

from batterysim_cli.manifests.overrides import EXAMPLE

Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help=f"Override a field of every manifest, as in {EXAMPLE}. Repeatable.",
    ),
]
