"""`--format FORMAT --output FILE`, several times: which report goes where, and sending it there."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from cli.lint_report.formats import FORMATS, TEXT
from cli.lint_report.report import Report
from cli.whole_files import write_whole

STDOUT = "-"
_COMMAND_KEY = "cli.lint_report.outputs"


@dataclass(frozen=True, slots=True)
class Output:
    """A format and where its report goes; `-` is standard output."""

    format: str
    file: str = STDOUT


class OutputsCommand(click.Command):
    """A command that remembers in which order its `--format` and `--output` were written."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as ever, and note the order."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_COMMAND_KEY] = [param.name for param in order]
        return super().parse_args(ctx, args)


def outputs_of(
    context: click.Context, formats: Sequence[str], files: Sequence[str]
) -> list[Output]:
    """Each format with the file written behind it; text on standard output where none is named.

    Raises `click.UsageError` for a file without a format, and for two reports in one place.
    """
    found: list[Output] = []
    next_format, next_file = iter(formats), iter(files)
    for name in context.meta[_COMMAND_KEY]:
        if name == "formats":
            found.append(Output(next(next_format)))
        elif name == "files":
            if not found or found[-1].file != STDOUT:
                raise click.UsageError("each --output stands behind the --format it is for")
            found[-1] = Output(found[-1].format, next(next_file))
    found = found or [Output(TEXT)]
    places = [os.path.realpath(o.file) if o.file != STDOUT else STDOUT for o in found]
    if len(set(places)) < len(places):
        where = "standard output" if places.count(STDOUT) > 1 else "one file"
        raise click.UsageError(f"two reports cannot go to {where}: name an --output for each")
    return found


def send(report: Report, outputs: Sequence[Output]) -> None:
    """Write all of them, files first; `ConfigurationError` for a file that cannot be written."""
    for output in sorted(outputs, key=lambda one: one.file == STDOUT):
        pieces = FORMATS[output.format](report)
        colours = output.format == TEXT and output.file == STDOUT and _wants_colours()
        if output.format == TEXT and not colours:
            pieces = map(click.unstyle, pieces)
        if output.file == STDOUT:
            _print(pieces)
        else:
            write_whole(output.file, "".join(pieces).encode("utf-8", "replace"))


def _wants_colours() -> bool:
    """On a terminal, unless `NO_COLOR` says otherwise (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _print(pieces: Iterator[str]) -> None:
    """In UTF-8 whatever the locale, so that a report is the same everywhere."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    for piece in pieces:
        sys.stdout.write(piece)
    sys.stdout.flush()
