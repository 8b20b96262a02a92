"""Anchors: the requirement under which a pool is filed, so that a Pod finds it without a search.

    require pod.label["app"] in {"a", "b"}     ("pod.label", "app", "a"), ("pod.label", "app", "b")
    require exists pod.label["app"]            ("exists pod.label", "app", "")
    require pod.name matches "web-*"           ("exists pod.name", "", "")
    no such requirement                        ("", "", "")

A pool is filed under one of its positive requirements: those that facts without a certain value do
not satisfy. A Pod probes every anchor that its facts satisfy. So whatever stands is found, and what
is found is verified (`policy.standing`). Authoring time files (`alternatives`, `rarest`), decision
time probes (`probes`); `policy.ranks` says how pools rank among each other.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from model.rules import Check
    from policy.standing import Known

# subject, or `exists ` and the subject; key or empty; value or empty
Anchor = tuple[str, str, str]

ALWAYS: Anchor = ("", "", "")
EXISTS = "exists "

# Subjects in the order in which they are preferred where postings are equally long: those that tell
# most Pods apart first, and those of the node, which may be unknown, behind their peers.
_PREFERRED = (
    "pod.name",
    "pod.owner.name",
    "pod.label",
    "nic.network",
    "namespace.name",
    "namespace.label",
    "node.name",
    "node.label",
    "pod.annotation",
    "pod.owner.kind",
    "nic.name",
)
SUBJECTS = (*_PREFERRED, *(EXISTS + subject for subject in _PREFERRED))
_PLACE = {subject: place for place, subject in enumerate(SUBJECTS)}


def alternatives(checks: Sequence[Check]) -> tuple[tuple[Anchor, ...], ...]:
    """The positive requirements, each as all anchors that the pool would be filed under.

    Facts that satisfy a requirement satisfy exactly one of its anchors. `ip.family` is none: every
    pool has it. Empty where a pool has no positive requirement: it is filed under `ALWAYS`.
    """
    found = []
    for _, subject, key, operator, values in checks:
        if subject == "ip.family":
            continue
        if operator in ("=", "in") and values:
            if len(values) > 1:
                values = tuple(sorted(set(values)))  # noqa: PLW2901 - the same, in order
            found.append(tuple([(subject, key, value) for value in values]))
        elif operator in ("exists", "matches"):
            found.append(((EXISTS + subject, key, ""),))
    return tuple(dict.fromkeys(found))


def rarest(
    choices: Sequence[tuple[Anchor, ...]], count: Callable[[Anchor], int]
) -> tuple[Anchor, ...]:
    """The alternative to file a pool under: that whose most crowded anchor has the fewest pools.

    `count` says how many are filed under an anchor. Among equals, the fewest anchors win, then the
    subject that tells most Pods apart, then text order: the same input gives the same answer.
    `(ALWAYS,)` where there is no choice.
    """
    if not choices:
        return (ALWAYS,)
    return min(choices, key=lambda anchors: _burden(anchors, count))


def filing(checks: Sequence[Check]) -> tuple[tuple[Anchor, ...], ...]:
    """The alternatives as a store keeps them: the preferred first, `ALWAYS` where there are none.

    A store that takes the first of the rarest files a pool where `rarest` would.
    """
    choices = sorted(alternatives(checks), key=lambda anchors: _burden(anchors, lambda _: 0))
    return tuple(choices) or ((ALWAYS,),)


def _burden(
    anchors: tuple[Anchor, ...], count: Callable[[Anchor], int]
) -> tuple[int, int, int, tuple[Anchor, ...]]:
    most = max(count(anchor) for anchor in anchors)
    return most, len(anchors), _PLACE[anchors[0][0]], anchors


def probes(known: Known) -> tuple[list[Anchor], list[str]]:
    """(every anchor that the facts satisfy, the subjects of which nothing is known).

    `ALWAYS` is among the anchors, and none stands twice. A pool filed under a subject that is not
    known may be undecided, whatever its value: all of them must be looked at. Such subjects are
    given in both forms, with and without `exists `.
    """
    anchors = [ALWAYS]
    unknown = []
    for subject in _PREFERRED:
        values = known[subject]
        if values is None:
            unknown += [subject, EXISTS + subject]
            continue
        for key, value in values.items():
            anchors.append((subject, key, value))
            anchors.append((EXISTS + subject, key, ""))
    return anchors, unknown
