"""`poolweaver lint`: mistakes in manifests, with proof."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from cli.inputs import read_inputs
from cli.lint_pages import explained
from cli.lint_text import told
from cli.lint_world import not_run, read_world
from cli.progress import Progress
from model.errors import EXIT_FINDINGS
from policy.lint.finding import SEVERITIES, Finding
from policy.lint.linted import Linted, read_linted
from policy.lint.run import lint


def _explain(context: click.Context, _: click.Parameter, rule: str | None) -> None:
    if rule is not None and not context.resilient_parsing:
        click.echo(explained(rule), nl=False)
        context.exit()


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--recursive", "-R", is_flag=True, help="Look into folders below.")
@click.option(
    "--fail-level",
    type=click.Choice([*SEVERITIES, "never"]),
    default="warning",
    show_default=True,
    help="Exit 3 for findings of this severity and graver ones.",
)
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
    fail_level: str,
    namespace: str | None,
    snapshot: str | None,
    from_store: bool,
    standalone: bool,
) -> None:
    """Find mistakes in manifests: what can never match, what always loses, what ties, and why."""
    inputs = read_inputs(paths, recursive)
    with _collector_off(), Progress("linting") as progress:
        db = str(context.obj) if from_store else None
        given = read_world(snapshot, db, namespace, standalone=standalone)
        linted = read_linted(inputs, given.settings, given.world)
        findings = lint(linted, tell=progress.tell)
    texts = dict([*given.texts, *inputs])
    for line in not_run(linted):
        click.echo(f"info: {line}", err=True)
    for finding in findings:
        click.echo(told(finding, texts) + "\n")
    click.echo(_summary(findings, linted))
    if _fails(findings, fail_level):
        context.exit(EXIT_FINDINGS)


def _fails(findings: Sequence[Finding], level: str) -> bool:
    """Whether a finding is as grave as the level, or graver."""
    if level == "never":
        return False
    grave = SEVERITIES[: SEVERITIES.index(level) + 1]
    return any(finding.severity in grave for finding in findings)


def _summary(findings: Sequence[Finding], linted: Linted) -> str:
    """How much was found, and in how much."""
    files = f"{len(linted.files)} file{'' if len(linted.files) == 1 else 's'}"
    pools = f"{len(linted.pools)} valid pool{'' if len(linted.pools) == 1 else 's'}"
    counts = {s: sum(finding.severity == s for finding in findings) for s in SEVERITIES}
    words = {"error": "errors", "warning": "warnings", "info": "info"}
    said = [f"{n} {s if n == 1 else words[s]}" for s, n in counts.items() if n]
    return f"{', '.join(said) or 'nothing found'} ({pools} in {files})"


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
