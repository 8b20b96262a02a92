"""`poolweaver fmt`: rule text in canonical form."""

from __future__ import annotations

from pathlib import Path

import click

from cli.inputs import SUFFIXES, read_inputs
from grammar.parse import parse
from grammar.printer import print_rules
from model.errors import EXIT_FINDINGS, ConfigurationError, ManifestError


@click.command("fmt")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", is_flag=True, help="Change nothing; exit 3 if a file is not canonical.")
@click.pass_context
def command(context: click.Context, paths: tuple[str, ...], check: bool) -> None:
    """Rewrite files of rules in canonical form; `-` formats standard input to standard output."""
    changed = 0
    for name, data in read_inputs(paths):
        if name.endswith(SUFFIXES):
            raise ConfigurationError(
                f"`{name}` is a manifest, not rules",
                f"`poolweaver compile {name}` prints its rules",
                code="invalid-argument",
            )
        text = _decode(name, data)
        canonical = print_rules(parse(text, name))
        if name == "-" and not check:
            click.echo(canonical, nl=False)
        elif canonical != text:
            changed += 1
            click.echo(name)
            if not check:
                Path(name).write_text(canonical, encoding="utf-8")
    if check and changed:
        context.exit(EXIT_FINDINGS)


def _decode(name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ManifestError(
            f"`{name}` is not text: byte {error.start} is no UTF-8",
            "name a file of rules",
            code="manifest-unreadable",
        ) from None
