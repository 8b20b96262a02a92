"""`poolweaver lint`: mistakes in manifests, with proof."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from cli.inputs import read_inputs
from cli.lint_fix import show_diff, write_fixed
from cli.lint_living import BaselineFile, Settings, chosen_rules, find_configuration
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
from policy.lint.living.baseline import compare
from policy.lint.living.configuration import configured
from policy.lint.living.ignored import Ignored
from policy.lint.rule import Rule, lacking
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
    help="Exit 3 for findings of this severity and graver ones.  [default: warning]",
)
@click.option("--select", multiple=True, metavar="RULE", help="Run this rule alone, or these.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not run this rule, or these.")
@click.option(
    "--config",
    metavar="FILE",
    help="The configuration.  [default: the nearest poolweaver.toml at or above the first PATH]",
)
@click.option("--baseline", metavar="FILE", help="Pass over the findings that stand in it.")
@click.option(
    "--update-baseline",
    is_flag=True,
    help="Write the baseline if there is none, else take out what is found no more.",
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
    fail_level: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    config: str | None,
    baseline: str | None,
    update_baseline: bool,
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
    settings = find_configuration(config, paths[0])
    rules = chosen_rules(settings.configuration, select, ignore)
    baseline_file = settings.baseline(baseline, update=update_baseline)
    inputs = read_inputs(paths, recursive)
    with _collector_off(), Progress("linting") as progress:
        db = str(context.obj) if from_store else None
        given = read_world(snapshot, db, namespace, standalone=standalone)
        linter = _Linter(given, settings, rules, baseline_file, progress.tell)
        fixed = fix_all(inputs, linter) if fix else Fixed(inputs, (), linter(inputs))
    if dry_run:
        show_diff(dict(inputs), fixed)
        fixed = Fixed(inputs, (), linter(inputs))
    elif fix:
        write_fixed(dict(inputs), fixed)
    linted = linter.linted
    for line in not_run(linted, rules):
        click.echo(f"info: {line}", err=True)
    left, ignored = list(fixed.left), linter.ignored
    if baseline_file:
        ran = [rule.id for rule in rules if not lacking(rule, linted)]
        left, known = baseline_file.settle(linter.found, linted.files, ran, update=update_baseline)
        ignored = [*ignored, *known]
    level = fail_level or settings.configuration.fail_level or "warning"
    texts = dict([*given.texts, *fixed.texts])
    report = Report(left, ignored, texts, linted.files, len(linted.pools), level, most)
    if not dry_run:
        send(report, outputs)
    if report.failed:
        context.exit(EXIT_FINDINGS)


class _Linter:
    """Lints texts, and keeps what was linted last, what was found, and what was ignored of it."""

    def __init__(
        self,
        given: Given,
        settings: Settings,
        rules: Sequence[Rule],
        baseline: BaselineFile | None,
        tell: Callable[[str, int, int], None],
    ) -> None:
        self._given = given
        self._settings = settings
        self._rules = rules
        self._known = baseline.known if baseline else ()
        self._tell = tell
        self.found: list[Finding] = []
        self.ignored: list[Ignored] = []
        self.linted = Linted((), Loaded(), (), given.settings)

    def __call__(self, texts: Sequence[tuple[str, bytes]]) -> list[Finding]:
        """What is found and not ignored, and does not stand in the baseline."""
        self.linted = read_linted(texts, self._given.settings, self._given.world)
        outcome = run(self.linted, self._rules, self._tell)
        settings = self._settings
        self.found, off = configured(outcome.findings, settings.configuration, settings.relative)
        self.ignored = [*outcome.ignored, *off]
        return compare(self.found, self._known, lambda _: False).new


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
