"""`poolweaver repl`: a session, at a terminal or from a script."""

from __future__ import annotations

import os
import sys
import time

import click

from cli.repl.all_commands import all_commands
from cli.repl.script import Script, run_texts
from cli.repl.session import Session
from cli.repl.world import Source
from cli.stores import now_seconds


@click.command("repl")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--recursive", "-R", is_flag=True, help="Look into folders below.")
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="With manifests: a setting, as of `config set`. May be repeated.",
)
@click.option("--pod", metavar="[NAMESPACE/]NAME", help="Ask about this Pod from the start.")
@click.option(
    "--command",
    "-c",
    "texts",
    metavar="STATEMENTS",
    multiple=True,
    help="Run these instead of asking, and end. May be repeated.",
)
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    recursive: bool,
    settings: tuple[str, ...],
    pod: str | None,
    texts: tuple[str, ...],
    output: str,
) -> None:
    """Ask why a Pod gets which pool, and try what would change it.

    PATH names manifests, an export, or a backup; without one, it is the store that is asked.
    Nothing is ever written to it. Where neither -c nor a terminal is there, statements come from
    standard input. `:help` lists them.
    """
    source = Source(str(context.obj), paths, recursive, tuple(map(_setting, settings)))
    session = Session(source, now_seconds, time.perf_counter)
    session.as_json = output == "json"
    try:
        if pod is not None:
            namespace, slash, name = pod.partition("/")
            session.choose(*((namespace, name) if slash else ("default", pod)))
        registry = all_commands()
        context.color = None if _at_terminal(texts) else False
        if _at_terminal(texts):
            from cli.repl.history import history_path  # noqa: PLC0415 - prompt_toolkit is slow to load
            from cli.repl.terminal import Terminal  # noqa: PLC0415 - so it is

            Terminal(registry, session, history_path(os.environ)).run()
            code = 0
        elif texts:
            code = run_texts(registry, session, texts)
        else:
            code = Script(registry, session).run(iter(sys.stdin.readline, ""))
    finally:
        session.close()
    context.exit(code)


def _at_terminal(texts: tuple[str, ...]) -> bool:
    return not texts and sys.stdin.isatty() and sys.stdout.isatty()


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"write --set KEY=VALUE, not `--set {text}`")
    return key, value
