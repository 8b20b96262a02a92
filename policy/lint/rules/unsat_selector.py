"""`unsat-selector`: a pool that no Pod can ever match, for what several fields say together."""

from __future__ import annotations

from collections.abc import Iterator

from model.rules import check_text, subject_text
from policy.lint.finding import ERROR, Finding, Related
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.lint.rules.contradictory_requirement import within_one_field
from policy.normal.answer import NO
from policy.normal.box import satisfiable
from policy.normal.requirements import contradictions
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    for pool in linted.pools:
        if satisfiable(pool.box) is not NO:
            continue
        named = [group for group in within_one_field(pool) if len(group) > 1]
        groups = [group for group in contradictions(pool.rules.checks) if group not in named]
        yield from (_finding(pool, group) for group in groups)
        if not groups and not named:
            yield _of_owner(pool)


def _finding(pool: LintedPool, group: tuple[int, ...]) -> Finding:
    checks = [pool.rules.checks[index] for index in group]
    texts = [f"`{check_text(check)}`" for check in checks]
    if len(group) == 1:
        reason = f"no Pod has a {subject_text(checks[0])} such that {texts[0]}"
        hint = "correct the values; Kubernetes does not allow the ones that are listed"
    else:
        fields = " and ".join(dict.fromkeys(f"`{check[0]}`" for check in checks))
        reason = f"{' and '.join(texts)} exclude each other"
        hint = f"{fields} must agree: change one of them"
    return RULE.at(
        pool.document,
        pool.paths[group[-1]],
        f"no Pod can use the pool {shown(pool.name)}: {reason}",
        hint,
        about=check_text(checks[-1]),
        related=tuple(
            Related(pool.rules.spans[index], check_text(pool.rules.checks[index]))
            for index in group[:-1]
        ),
    )


def _of_owner(pool: LintedPool) -> Finding:
    return RULE.at(
        pool.document,
        ("metadata", "name"),
        f"no Pod can use the pool {shown(pool.name)}: it asks for the kind of an owner, and for "
        "none of that name",
        "ask for both `pod.owner.kind` and `pod.owner.name`, or for `absent` of both",
    )


RULE = Rule("unsat-selector", ERROR, "no Pod can ever match the pool", _find)
