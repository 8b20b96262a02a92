"""A pool in compiled form: what authoring time writes and decision time reads.

    check      ("podAffinity", "pod.label", "app", "in", ("test-app-3",))
                field           subject      key   operator  values

A check is a plain tuple, so that it travels through JSON and is evaluated without a class.
"""

from __future__ import annotations

from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.spans import Span

# field, subject, key or empty, operator, values
Check = tuple[str, str, str, str, tuple[str, ...]]
# destination CIDR, next hop
Route = tuple[str, str]

LANGUAGE_VERSION = 1

# Affinity fields in the order of rank: the presence vector of a pool is compared in this order.
RANK_FIELDS = (
    "podAffinity",
    "nodeName",
    "nodeAffinity",
    "namespaceName",
    "namespaceAffinity",
    "multusName",
)

# Subjects and whether they take a key, as in `pod.label["app"]`.
SUBJECTS = {
    "pod.name": False,
    "pod.label": True,
    "pod.annotation": True,
    "pod.owner.kind": False,
    "pod.owner.name": False,
    "node.name": False,
    "node.label": True,
    "namespace.name": False,
    "namespace.label": True,
    "nic.name": False,
    "nic.network": False,
    "ip.family": False,
}
OPERATORS = ("=", "in", "not in", "exists", "absent", "matches")


def check_text(check: Check) -> str:
    """The check in the rule language, without keyword, origin and semicolon."""
    _, subject, _, operator, values = check
    place = subject_text(check)
    if operator in ("exists", "absent"):
        return f"{operator} {place}"
    if operator == "=":
        value = values[0] if subject == "ip.family" else quote(values[0])
        return f"{place} = {value}"
    if operator == "matches":
        return f"{place} matches {quote(values[0])}"
    return f"{place} {operator} {{{', '.join(quote(value) for value in values)}}}"


def subject_text(check: Check) -> str:
    """What a check looks at, in the rule language: `pod.label["app"]`, `node.name`."""
    _, subject, key, _, _ = check
    return f"{subject}[{quote(key)}]" if SUBJECTS[subject] else subject


def quote(text: str) -> str:
    """A string literal of the rule language; unprintable characters become escapes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in escaped) + '"'


class PoolRules(Record):
    """The rules of one pool.

    `ranked` holds the affinity fields present, a subset of `RANK_FIELDS` in its order. `spans` has
    one entry a check (where in the manifest it comes from) or is empty where nobody asked for it.
    `digest` is the digest of the rule text.
    """

    __slots__ = (
        "checks",
        "default",
        "digest",
        "disabled",
        "family",
        "name",
        "priority",
        "ranked",
        "spans",
        "terminating",
    )

    def __init__(
        self,
        name: str,
        family: int,
        checks: Sequence[Check],
        ranked: Sequence[str],
        priority: int = 0,
        default: bool = False,
        disabled: bool = False,
        terminating: bool = False,
        digest: str = "",
        spans: Sequence[Span] = (),
    ) -> None:
        self.name = name
        self.family = family
        self.checks = checks
        self.ranked = ranked
        self.priority = priority
        self.default = default
        self.disabled = disabled
        self.terminating = terminating
        self.digest = digest
        self.spans = spans
