"""`poolweaver lint`: mistakes in manifests, with proof."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from cli.inputs import read_inputs
from cli.lint_fix import show_diff, write_fixed
from cli.lint_pages import explained
from cli.lint_report.formats import FORMATS
from cli.lint_report.outputs import OutputsCommand, outputs_of, send
from cli.lint_report.report import NEVER, Report
from cli.lint_world import Given, not_run, read_world
from cli.progress import Progress
from model.errors import EXIT_FINDINGS
from policy.lint.finding import SEVERITIES, Finding
from policy.lint.fixing.fix_all import Fixed, fix_all
from policy.lint.linted import Linted, read_linted
from policy.lint.living.ignored import Ignored
from policy.lint.run import run
from policy.load import Loaded


def _explain(context: click.Context, _: click.Parameter, rule: str | None) -> None:
    if rule is not None and not context.resilient_parsing:
        click.echo(explained(rule), nl=False)
        context.exit()


@click.command("lint", cls=OutputsCommand)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--recursive", "-R", is_flag=True, help="Look into folders below.")
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    help="What to write, each with an --output of its own behind it.  [default: text]",
)
@click.option(
    "--output",
    "files",
    metavar="FILE",
    multiple=True,
    help="Where to write it.  [default: standard output]",
)
@click.option(
    "--most",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    metavar="N",
    help="Findings of one rule that text shows; 0 for all.",
)
@click.option(
    "--fail-level",
    type=click.Choice([*SEVERITIES, NEVER]),
    default="warning",
    show_default=True,
    help="Exit 3 for findings of this severity and graver ones.",
)
@click.option("--fix", is_flag=True, help="Write fixes into the files, then report what is left.")
@click.option("--dry-run", is_flag=True, help="With --fix: show them as a diff, and write nothing.")
@click.option(
    "--namespace",
    help="The setting `namespace`: that of a multusName without one.  "
    "[default: the store's with --store, else kube-system]",
)
@click.option(
    "--snapshot",
    metavar="FILE",
    help="The cluster: what `kubectl get pods,ns,nodes,deploy,sts,ds,rs,jobs,net-attach-def -A "
    "-o yaml` printed.",
)
@click.option("--store", "from_store", is_flag=True, help="The cluster: what is in --db.")
@click.option(
    "--standalone", is_flag=True, help="Every node has a store of its own, with all these pools."
)
@click.option(
    "--explain",
    metavar="RULE",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Print the page of a rule and exit.",
)
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    recursive: bool,
    formats: tuple[str, ...],
    files: tuple[str, ...],
    most: int,
    fail_level: str,
    fix: bool,
    dry_run: bool,
    namespace: str | None,
    snapshot: str | None,
    from_store: bool,
    standalone: bool,
) -> None:
    """Find mistakes in manifests: what can never match, what always loses, what ties, and why."""
    outputs = outputs_of(context, formats, files)
    _check_usage(paths, formats, fix=fix, dry_run=dry_run)
    inputs = read_inputs(paths, recursive)
    with _collector_off(), Progress("linting") as progress:
        db = str(context.obj) if from_store else None
        given = read_world(snapshot, db, namespace, standalone=standalone)
        linter = _Linter(given, progress.tell)
        fixed = fix_all(inputs, linter) if fix else Fixed(inputs, (), linter(inputs))
    if dry_run:
        show_diff(dict(inputs), fixed)
        fixed = Fixed(inputs, (), linter(inputs))
    elif fix:
        write_fixed(dict(inputs), fixed)
    for line in not_run(linter.linted):
        click.echo(f"info: {line}", err=True)
    texts = dict([*given.texts, *fixed.texts])
    linted = linter.linted
    ignored = linter.ignored
    report = Report(fixed.left, ignored, texts, linted.files, len(linted.pools), fail_level, most)
    if not dry_run:
        send(report, outputs)
    if report.failed:
        context.exit(EXIT_FINDINGS)


class _Linter:
    """Lints texts, and keeps what was linted last, and what was ignored of it."""

    def __init__(self, given: Given, tell: Callable[[str, int, int], None]) -> None:
        self._given = given
        self._tell = tell
        self.ignored: list[Ignored] = []
        self.linted = Linted((), Loaded(), (), given.settings)

    def __call__(self, texts: Sequence[tuple[str, bytes]]) -> list[Finding]:
        self.linted = read_linted(texts, self._given.settings, self._given.world)
        outcome = run(self.linted, tell=self._tell)
        self.ignored = outcome.ignored
        return outcome.findings


def _check_usage(paths: Sequence[str], formats: Sequence[str], *, fix: bool, dry_run: bool) -> None:
    if dry_run and not fix:
        raise click.UsageError("--dry-run says what --fix would do: add --fix")
    if dry_run and formats:
        raise click.UsageError("--dry-run prints a diff alone: leave --format out")
    if fix and "-" in paths:
        raise click.UsageError("--fix writes into files, and standard input is none")


@contextmanager
def _collector_off() -> Iterator[None]:
    """Without the cyclic collector, which would walk all that was read again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
