"""Errors as people read them, on standard error.

pools.yaml:9:15: error[reversed-range]: `10.6.0.9-10.6.0.1` runs backwards
  hint: write `10.6.0.1-10.6.0.9`
"""

from __future__ import annotations

import click

from model.errors import InvalidManifestsError, ManifestError, PoolweaverError, RuleError


def report(error: PoolweaverError) -> None:
    """Print the error, and every error in it, to standard error."""
    if isinstance(error, InvalidManifestsError):
        for one in error.errors:
            report(one)
        click.echo(click.style("error", fg="red", bold=True) + f": {error.message}", err=True)
        return
    if isinstance(error, RuleError):
        from grammar.render import render_error  # noqa: PLC0415  # brings Lark: only when needed

        click.echo(render_error(error), err=True)
        return
    click.echo(_headline(error), err=True)
    if error.hint:
        click.echo(f"  hint: {error.hint}", err=True)


def _headline(error: PoolweaverError) -> str:
    place = f"{error.span}: " if error.span else ""
    field = error.field if isinstance(error, ManifestError) else ""
    field = f"{field}: " if field and field not in error.message else ""
    word = click.style(f"error[{error.code}]", fg="red", bold=True)
    return f"{place}{word}: {field}{error.message}"
