"""`unused-ignore`: what ignores a rule that finds nothing there.

What others found has to be known for that, so `run` asks `unused` once they are through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from policy.annotations import LINT_IGNORE
from policy.lint.finding import REMOVE, WARNING, Edit, Finding, Fix
from policy.lint.linted import Linted
from policy.lint.living.ignored import ANNOTATION, COMMENT
from policy.lint.living.ignores import Ignore
from policy.lint.refused import REFUSALS
from policy.lint.rule import Rule
from policy.places import Path
from policy.wording import did_you_mean, shown


def unused(
    ignores: Iterable[Ignore], linted: Linted, ran: Collection[str], known: Collection[str]
) -> Iterator[Finding]:
    """A finding an ignore; none for rules that did not run, and none beside errors of `apply`."""
    broken_files = {error.span.file for error in linted.refused if error.span}
    broken = {error.of for error in linted.refused}
    for ignore in ignores:
        if ignore.rule in known and ignore.rule not in ran:
            continue
        if ignore.how == COMMENT and ignore.span.file in broken_files:
            continue
        if ignore.how == ANNOTATION and ignore.document.title in broken:
            continue
        yield _finding(ignore, known)


def _finding(ignore: Ignore, known: Collection[str]) -> Finding:
    what = "comment" if ignore.how == COMMENT else "annotation"
    message = f"the {what} ignores {shown(ignore.rule)}, which finds nothing here"
    hint = f"take the {what} away"
    if ignore.rule in REFUSALS:
        message = f"the {what} ignores {shown(ignore.rule)}, which `apply` refuses all the same"
    elif ignore.rule not in known:
        name = shown(ignore.rule) if ignore.rule else "no rule"
        message = f"the {what} ignores {name}, and there is no such rule"
        hint = did_you_mean(ignore.rule, known) or hint
    return Finding(
        RULE.id,
        RULE.severity,
        message,
        hint,
        ignore.span,
        ignore.document.title or ignore.span.file,
        "",
        ignore.rule,
        fixes=(_fix(ignore, what),),
    )


def _fix(ignore: Ignore, what: str) -> Fix:
    title = f"take the {what} away"
    if ignore.how == COMMENT:
        return Fix(title, ignore.document, (), (ignore.span,))
    path: Path = ("metadata", "annotations")
    if len(ignore.document.data["metadata"]["annotations"]) > 1:
        path = (*path, LINT_IGNORE + ignore.rule)
    return Fix(title, ignore.document, (Edit(path, REMOVE),))


def _find(_: Linted) -> Iterable[Finding]:
    return ()


RULE = Rule(
    "unused-ignore",
    WARNING,
    "a rule is ignored where it finds nothing",
    _find,
    fixable=True,
)
