"""`poolweaver config`: settings, which live in the store."""

from __future__ import annotations

import click

from cli.stores import now_seconds, opened
from cli.tables import table
from ipam.settings import change_setting


@click.group("config")
def command() -> None:
    """Read and change the settings of the store."""


@command.command("get")
@click.argument("key", required=False)
@click.pass_context
def get(context: click.Context, key: str | None) -> None:
    """Print one setting, or all."""
    with opened(context) as store:
        if key is not None:
            click.echo(_text(store.settings.get(key)))
            return
        rows = [
            [name, _text(value) or '""'] for name, value in sorted(store.settings.all().items())
        ]
        click.echo(table(["SETTING", "VALUE"], rows))


@command.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("key")
@click.argument("value")
@click.pass_context
def set_(context: click.Context, key: str, value: str) -> None:
    """Change one setting. Pools whose rules depend on it are compiled anew."""
    with opened(context) as store:
        recompiled = change_setting(store, key, value, now_seconds())
    noun = "pool" if recompiled == 1 else "pools"
    pools = f" ({recompiled} {noun} compiled anew)" if recompiled else ""
    click.echo(f"{key} set to {value}{pools}")


def _text(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
