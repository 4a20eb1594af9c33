"""Commands for a cluster, loaded when they are called, so that other commands do not wait for their
imports."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

CLUSTER_COMMANDS = {
    "submit": "Send simulations to a cluster.",
    "get": "Show simulations of a cluster.",
    "watch": "Follow simulations live, until they have ended.",
    "result": "Fetch a result, or a part of it.",
    "plot": "Plot results on the terminal or into a file.",
    "logs": "Show the log of a run.",
    "cancel": "Delete simulations that have not ended.",
    "delete": "Delete simulations with their results.",
}
"""What each one does, in the words of the list of commands. NAME is in the module NAME_command."""


class LazyCommand(TyperCommand):
    """Stands for a command until it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Load the command and hand over to it."""
        module = import_module(f"batterysim_cli.commands.{self.name}")
        command = typer.main.get_command(module.app)
        return command.make_context(info_name, args, parent=parent, **extra)


class LazyGroup(TyperGroup):
    """Has the commands for a cluster in addition to those that are always loaded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, text in CLUSTER_COMMANDS.items():
            self.add_command(LazyCommand(name, help=text))
