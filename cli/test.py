"""`poolweaver test`: policy tests, beside the pools they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

import click

from cli.failures import report
from cli.junit import junit_text
from cli.policy_test_files import FoundSuite, found_suites, watched_folders
from cli.policy_test_text import coverage_text, document, result_text, summary
from cli.progress import Progress
from cli.stores import now_seconds
from cli.watching import stamps, wait_for_change
from ipam.policy_tests import Result, run_suite
from model.errors import (
    EXIT_FINDINGS,
    ConfigurationError,
    InvalidManifestsError,
    ManifestError,
    PoolweaverError,
)
from policy.policy_tests.case import Suite
from policy.policy_tests.coverage import Coverage


@click.command("test")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--run",
    "pattern",
    metavar="PATTERN",
    default="",
    help="Only tests with this in `FILE: SUITE / TEST / ROW`; or matched by it as a whole, with * "
    "and ?.",
)
@click.option("--coverage", is_flag=True, help="List the pools and requirements that no test saw.")
@click.option("--watch", is_flag=True, help="Test again whenever a file changes, until Ctrl-C.")
@click.option("--verbose", "-v", is_flag=True, help="Print the tests that pass, too.")
@click.option("--output", "-o", type=click.Choice(["text", "json", "junit"]), default="text")
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    pattern: str,
    coverage: bool,
    watch: bool,
    verbose: bool,
    output: str,
) -> None:
    """Run policy tests: whether Pods get the pools, addresses and refusals that are written down.

    PATH is a file of tests, or a folder: all files in and below it that end in `.test.yaml`,
    `.test.yml` or `.test.json`. Nothing but these files and the manifests they name is read, and
    nothing is claimed. Exits with 3 if a test fails, and with 1 if there is none.
    """
    if watch and (output != "text" or "-" in paths):
        raise click.UsageError("--watch prints text, and reads files, not standard input")
    if watch:
        _watch(paths, pattern, coverage, verbose)
        return
    found = found_suites(paths)
    results, seen = _run(found, pattern)
    if output == "json":
        click.echo(json.dumps(document(results, seen), indent=2))
    elif output == "junit":
        click.echo(junit_text(results))
    else:
        _print(results, seen if coverage else None, verbose)
    if not all(result.passed for result in results):
        context.exit(EXIT_FINDINGS)


def _run(found: Sequence[FoundSuite], pattern: str) -> tuple[list[Result], Coverage]:
    """The results of all tests that the pattern names; the error `no-test` where that is none."""
    coverage = Coverage()
    results: list[Result] = []
    with Progress("testing") as progress:
        for done, one in enumerate(found):
            progress.tell(one.suite.file, done, len(found))
            suite = _only(one.suite, pattern)
            try:
                results += run_suite(suite, one.texts, coverage, now_seconds())
            except ManifestError as error:
                raise InvalidManifestsError([error]) from None
    if not results:
        raise ConfigurationError(
            f"no policy test is called `{pattern}`",
            f"the first of {sum(len(one.suite.cases) for one in found)} is called "
            f"`{_first_title(found)}`; -v prints the names of all",
            code="no-test",
        )
    return results, coverage


def _first_title(found: Sequence[FoundSuite]) -> str:
    return next(one.suite.title(case) for one in found for case in one.suite.cases)


def _only(suite: Suite, pattern: str) -> Suite:
    """The suite with the cases that the pattern names: all of them where it is empty."""
    literal = pattern.replace("[", "[[]")
    whole = literal if set(pattern) & set("*?") else f"*{literal}*"
    cases = [case for case in suite.cases if fnmatchcase(suite.title(case), whole)]
    return replace(suite, cases=cases)


def _watch(paths: Sequence[str], pattern: str, coverage: bool, verbose: bool) -> None:
    """Test at every change, until Ctrl-C."""
    try:
        while True:
            _watched(paths, pattern, coverage, verbose)
    except KeyboardInterrupt:
        click.echo()


def _watched(paths: Sequence[str], pattern: str, coverage: bool, verbose: bool) -> None:
    """Test once, print what came out or went wrong, and wait until a file changes."""
    watched = _watched_paths(paths)
    before = stamps(watched)  # what is saved while the tests run is tested next
    try:
        results, seen = _run(found_suites(paths), pattern)
        _print(results, seen if coverage else None, verbose)
    except PoolweaverError as error:
        report(error)
    click.echo("waiting for changes; Ctrl-C ends")
    wait_for_change(watched, before)
    click.echo()


def _watched_paths(paths: Sequence[str]) -> list[str]:
    try:
        return watched_folders(found_suites(paths), paths)
    except PoolweaverError:  # told by the run that follows
        return [path for path in paths if path != "-"]


def _print(results: Sequence[Result], coverage: Coverage | None, verbose: bool) -> None:
    for result in results:
        if verbose or not result.passed:
            click.echo(result_text(result))
    if coverage is not None:
        click.echo(coverage_text(coverage))
    click.echo(summary(results))
