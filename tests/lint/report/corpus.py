"""Small manifests and what lint has to tell of them, as a `Report`."""

from __future__ import annotations

from cli.lint_report.formats import FORMATS
from cli.lint_report.report import Report
from model.spans import Span
from policy.lint.finding import ERROR, INFO, WARNING, Finding, Related
from policy.lint.linted import read_linted
from policy.lint.living.ignored import ANNOTATION, BASELINE, Ignored
from policy.lint.run import lint
from policy.settings import AuthoringSettings
from tests.lint.linting import pool

WEB = pool("nodeName: [a]\nnodeAffinity:\n  matchLabels: {zone: a}")
BROKEN = "kind: [a\n"
UGLY = "a b:\u00e9%,\n\x1b[31m\u202e.yaml"  # a file name may have all of that


def report_of(fail_level: str = "warning", most: int = 20, **files: str) -> Report:
    """The report of the files, whose names have `_` for `.`."""
    texts = {name.replace("_", "."): text.encode() for name, text in files.items()}
    linted = read_linted(list(texts.items()), AuthoringSettings())
    return Report(lint(linted), (), texts, list(texts), len(linted.pools), fail_level, most)


def written(name: str, report: Report) -> str:
    return "".join(FORMATS[name](report))


def finding(rule: str, severity: str, span: Span, message: str = "no", hint: str = "") -> Finding:
    return Finding(rule, severity, message, hint, span, "SpiderIPPool/a", "spec.ips")


def ugly_report() -> Report:
    """Names and messages with everything that a format has to escape."""
    span = Span(UGLY, 1, 3, 2, 1)
    found = [
        Finding(
            "unsat-selector",
            ERROR,
            "100% <b>&\"'\r\n::error::x,y\x00\x1b[0m\ud800",
            "do\nthis",
            span,
            "Pod/x\ny",
            "a\tb",
            related=(Related(Span(UGLY, 7, 1), "there\n&"),),
        ),
        finding("shadowed-affinity", WARNING, Span("-", 1, 1)),
        finding("empty-selector-raises-rank", INFO, Span("/x/y z.yaml", 1, 1)),
    ]
    ignored = [
        Ignored(finding("unsat-selector", ERROR, span), ANNOTATION, "]]> \n"),
        Ignored(finding("unsat-selector", ERROR, span), BASELINE),
    ]
    return Report(found, ignored, {UGLY: b"a: \x1b\xffb\n"}, [UGLY, "-", "/x/y z.yaml"], 0)


def many(count: int) -> Report:
    """As many findings of one rule, of which each has its own line."""
    found = [
        finding("shadowed-affinity", WARNING, Span("f.yaml", line, 1, line, 2))
        for line in range(1, count + 1)
    ]
    return Report(found, (), {"f.yaml": b"x\n" * count}, ["f.yaml"], count)
