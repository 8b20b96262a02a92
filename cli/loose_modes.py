"""A warning where others than the owner may use the files of a store."""

from __future__ import annotations

import click

from store.file_modes import loose_modes


def warn_of_loose_modes(path: str) -> None:
    """One line on standard error for each file or folder that is too open; none if none is."""
    for name, remedy in loose_modes(path):
        click.echo(f"warning: others may use `{name}`; run `{remedy}`", err=True)
