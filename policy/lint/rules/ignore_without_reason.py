"""`ignore-without-reason`: a comment that ignores a rule and does not say why."""

from __future__ import annotations

from collections.abc import Iterator

from policy.lint.finding import WARNING, Finding
from policy.lint.linted import Linted
from policy.lint.living.ignored import COMMENT
from policy.lint.living.ignores import Ignore, ignores_of
from policy.lint.rule import Rule
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    return (_finding(one) for one in ignores_of(linted) if one.rule and not one.reason)


def _finding(ignore: Ignore) -> Finding:
    what = "comment" if ignore.how == COMMENT else "annotation"
    return Finding(
        RULE.id,
        RULE.severity,
        f"the {what} that ignores {shown(ignore.rule)} gives no reason",
        "write behind the rule why it is not to be applied here, in a few words"
        if ignore.how == COMMENT
        else "write as its value why the rule is not to be applied here, in a few words",
        ignore.span,
        ignore.document.title or ignore.span.file,
        "",
        ignore.rule,
    )


RULE = Rule(
    "ignore-without-reason",
    WARNING,
    "a rule is ignored, and nobody wrote down why",
    _find,
)
