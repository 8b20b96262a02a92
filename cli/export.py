"""`poolweaver export`: the store as JSON lines."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from ipam.export import export_lines
from store.backup import check_apart, sync, unwritable
from store.drafts import drafted
from store.read_only import open_to_read

DRAFT = ".poolweaver-export-"


@click.command("export")
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--journal", is_flag=True, help="With the journal of all leases.")
@click.pass_context
def command(context: click.Context, file: str | None, journal: bool) -> None:
    """Write settings, objects, pools and leases as JSON lines, to FILE or standard output.

    `poolweaver import jsonl FILE` reads them into another store. FILE appears whole or not at all,
    readable by its owner alone. For a copy of the store itself use a backup.
    """
    with open_to_read(str(context.obj)) as store:
        lines = export_lines(store, journal=journal)
        if file is None or file == "-":
            for line in lines:
                click.echo(line)
            return
        check_apart(store.database.path, Path(file))
        try:
            count = _write(Path(file), lines)
        except OSError as error:
            raise unwritable(file, error) from None
    click.echo(f"{count} lines written to {file}", err=True)


def _write(path: Path, lines: Iterable[str]) -> int:
    """Beside its place, then into it; how many lines."""
    with drafted(path.absolute().parent, DRAFT) as draft:
        with draft.open("w", encoding="utf-8") as out:
            count = 0
            for line in lines:
                out.write(f"{line}\n")
                count += 1
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    sync(path.absolute().parent)
    return count
