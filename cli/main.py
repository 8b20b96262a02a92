"""The `poolweaver` command: global options, and commands that are imported when they are called."""

from __future__ import annotations

import importlib
import os
import sys

import click

from cli.failures import report
from ipam.places import default_db
from model.errors import ConfigurationError, PoolweaverError, exit_code

# Name to the first sentence of its help, so that listing all commands imports none of them.
COMMANDS = {
    "agent": "Serve CNI calls on a socket, as the resident agent of a node.",
    "apply": "Write manifests into the store.",
    "backup": "Write a whole copy of the store to a file.",
    "check-store": "Prove that the store holds together.",
    "cni": "Serve one CNI call, or install the plugin.",
    "compile": "Print the rules that manifests become.",
    "config": "Read and change the settings of the store.",
    "delete": "Delete objects.",
    "describe": "Show one object with all that concerns it.",
    "explain": "Say which pool a Pod would get, or none, and why.",
    "export": "Write the store as JSON lines.",
    "fmt": "Rewrite files of rules in canonical form.",
    "get": "List objects, or print one.",
    "history": "Say who held an address, or what a Pod held, and when.",
    "import": "Take over what another IPAM, or another store, holds.",
    "ip": "Show, reserve or release one address.",
    "journal": "Keep the journal of all leases within its bounds.",
    "lint": "Find mistakes in manifests.",
    "migrate": "Bring the store to the schema of this program.",
    "reconcile": "Let go of what absent Pods hold.",
    "repl": "Ask why a Pod gets which pool, and try what would change it.",
    "replay": "Decide again what was decided once.",
    "restore": "Put a backup in place of the store.",
    "simulate": "Start workloads in a scratch store, and print the outcome.",
    "status": "Say how the store and the agent are, and what is not there yet.",
    "test": "Run policy tests: what pools are to decide, written beside them.",
}

# Commands whose name cannot be that of a module.
MODULES = {"check-store": "check_store", "import": "import_", "repl": "repl.command"}


def version() -> str:
    """The installed version; `unknown` where the program runs without being installed."""
    from importlib.metadata import (  # noqa: PLC0415 - costs more than all the rest of a command
        PackageNotFoundError,
    )
    from importlib.metadata import version as installed  # noqa: PLC0415

    try:
        return installed("poolweaver")
    except PackageNotFoundError:
        return "unknown (not installed)"


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"poolweaver {version()}")
        context.exit()


class Commands(click.Group):
    """A group that imports a command's module only when that command is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All command names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"cli.{MODULES.get(cmd_name, cmd_name)}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--db",
    metavar="PATH",
    help="The database. Default: POOLWEAVER_DB, else /var/lib/poolweaver/ipam.db for root and "
    "~/.local/state/poolweaver/ipam.db otherwise.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def command(context: click.Context, db: str | None) -> None:
    """Which IP pool a Pod's network interface may use, why, and the address."""
    context.obj = db or default_db(os.environ)


def main() -> None:
    """Run the command line; the process ends with one of the exit codes of docs/cli.md."""
    try:
        command(prog_name="poolweaver")
    except PoolweaverError as error:
        report(error)
        sys.exit(exit_code(error))
    except UnicodeEncodeError:
        if _are_text(sys.argv):
            raise
        report(ConfigurationError("an argument is not in UTF-8", code="invalid-argument"))
        sys.exit(1)
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(0)


def _are_text(arguments: list[str]) -> bool:
    """Whether each can be written as UTF-8; bytes that are none come as halves of surrogates."""
    return not any("\ud800" <= letter <= "\udfff" for one in arguments for letter in one)


if __name__ == "__main__":
    main()
