"""Parts of all commands that call a cluster: the options of the connection, and how they end."""

import asyncio
import inspect
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from batterysim.problem import InvalidSpecError
from batterysim_cli.commands.completion import complete_names
from batterysim_cli.commands.exit_status import ExitStatus, status_of_error
from batterysim_cli.display.console import complain, console
from batterysim_client import AsyncClient, ClientError, ServerWarning

PANEL = "Connection to the cluster"

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name.", autocompletion=complete_names)]
Names = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="Their names.", autocompletion=complete_names)
]
AnyNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME...]", help="Names of simulations. Default: all.", autocompletion=complete_names
    ),
]
AllNamespaces = Annotated[bool, typer.Option("--all-namespaces", "-A", help="In all namespaces.")]


def connect(
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace", "-n", metavar="NAME", help="Namespace. Default: the context's, or default."
        ),
    ] = None,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Kubeconfig, as for kubectl. Default: KUBECONFIG, ~/.kube/config."),
    ] = None,
    context: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Context of the kubeconfig. Default: the current one."),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="URL of the bridge, used for everything instead. Default: BATTERYSIM_SERVER."
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Token for --server. Default: BATTERYSIM_TOKEN, BATTERYSIM_TOKEN_FILE."
        ),
    ] = None,
    bridge: Annotated[
        str | None,
        typer.Option(
            metavar="NAMESPACE/SERVICE",
            help="The bridge's Service. Default: from the status, or BATTERYSIM_BRIDGE.",
        ),
    ] = None,
    service_account: Annotated[
        str | None,
        typer.Option(
            metavar="[NAMESPACE/]NAME",
            help="ServiceAccount whose token to use when the kubeconfig has none. Default: the chart's "
            "result-reader, or BATTERYSIM_SERVICE_ACCOUNT.",
        ),
    ] = None,
) -> AsyncClient:
    """Return a client. These are the options that every command has."""
    return AsyncClient(
        server,
        token_file=token_file,
        kubeconfig=kubeconfig,
        context=context,
        namespace=namespace,
        bridge=bridge,
        service_account=service_account,
    )


def cluster_command(function: Callable[..., Awaitable[int]]) -> Callable[..., None]:
    """Make a command of a coroutine function. Errors become a line or two on standard error, and a code.

    function: takes a client, then its own options; returns the exit code.
    """
    _, *own = inspect.signature(function).parameters.values()
    added = inspect.signature(connect).parameters

    def command(**arguments: Any) -> None:
        options = {name: arguments.pop(name) for name in added}

        async def work() -> int:
            async with connect(**options) as client:
                return await function(client, **arguments)

        raise typer.Exit(_run(work()))

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    parameters = [*own, *added.values()]
    # Where Typer looks for a command's parameters.
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    )
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _show_warning(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    """Print what the server has to say as kubectl does; Python's own warnings are for nobody here."""
    if issubclass(category, ServerWarning):
        console(stderr=True).print(f"Warning: {message}", soft_wrap=True)


def _run(work: Coroutine[Any, Any, int]) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", ServerWarning)
            warnings.showwarning = _show_warning
            return asyncio.run(work)
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        raise  # who reads has seen enough
    except (ClientError, InvalidSpecError) as error:
        complain(str(error))
        return status_of_error(error)
    except OSError as error:
        complain(f"{error.filename} cannot be written: {error.strerror}" if error.filename else str(error))
        return status_of_error(error)
