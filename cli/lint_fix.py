"""`lint --fix`: what can be fixed is written into the files, or shown as a diff."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from cli.lint_report.report import counted
from cli.unified_diff import unified_diff
from cli.whole_files import write_whole
from policy.lint.finding import Finding
from policy.lint.fixing.fix_all import Fixed


def write_fixed(before: Mapping[str, bytes], fixed: Fixed) -> None:
    """Write the files that changed, each whole or not at all, and say on stderr how many did.

    Raises `ConfigurationError` for the first that cannot be written; those before it are.
    """
    changed = [(name, data) for name, data in fixed.texts if before[name] != data]
    for name, data in changed:
        write_whole(name, data)
    _tell(fixed.fixed, len(changed), "fixed")


def show_diff(before: Mapping[str, bytes], fixed: Fixed) -> None:
    """Print what would change as a unified diff on stdout, and how much that is on stderr."""
    changed = [(name, data) for name, data in fixed.texts if before[name] != data]
    for name, data in changed:
        for piece in unified_diff(name, before[name], data):
            sys.stdout.buffer.write(piece.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()
    _tell(fixed.fixed, len(changed), "would fix")


def _tell(findings: Sequence[Finding], files: int, verb: str) -> None:
    if not findings:
        click.echo("nothing to fix", err=True)
        return
    click.echo(f"{verb} {counted(len(findings), 'finding')} in {counted(files, 'file')}", err=True)
