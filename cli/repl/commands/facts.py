""":pod, :set, :unset, :facts: whom decisions are about, and what is imagined of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.kinds import DEFAULT_NAMESPACE
from cli.repl.answer import Answer
from cli.repl.language import assignment
from cli.repl.registry import PATHS, PODS, Command
from model.facts import NamespaceFacts, NodeFacts, PodFacts, Unknown
from model.facts_json import facts_to_json
from model.rules import quote
from policy.evaluate import look_up
from policy.fact_paths import check_value, parse_path, path_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cli.repl.language import Statement
    from cli.repl.session import Session
    from ipam.imagined import Imagined
    from model.facts import Facts

MOST_PODS = 10


def _pod(session: Session, statement: Statement) -> Answer:
    words = statement.words()
    if not words:
        return _which(session)
    stored = words[0] != "new" or len(words) == 1
    namespace, slash, name = words[-1].partition("/")
    if not slash:
        namespace, name = DEFAULT_NAMESPACE, words[-1]
    session.choose(namespace, name, stored=stored)
    return _which(session)


def _which(session: Session) -> Answer:
    mine = session.imagined
    pods = session.world.pods()
    data = {
        "pod": f"{mine.shown_namespace}/{mine.shown_name}" if mine else None,
        "imagined": bool(mine and not mine.stored),
        "pods": [f"{namespace}/{name}" for namespace, name in pods],
    }
    if mine is None:
        some = ", ".join(f"{namespace}/{name}" for namespace, name in pods[:MOST_PODS])
        rest = f" and {len(pods) - MOST_PODS} more" if len(pods) > MOST_PODS else ""
        return Answer(f"no Pod is chosen; there are {some or 'none'}{rest}", data)
    return Answer(f"Pod {pod_text(mine)}", data)


def pod_text(mine: Imagined) -> str:
    """The Pod in words: its name, whether nobody applied it, and how many facts are edited."""
    parts = [] if mine.stored else ["imagined"]
    if mine.edits:
        parts.append(f"{len(mine.edits)} fact{'' if len(mine.edits) == 1 else 's'} set")
    more = f" ({', '.join(parts)})" if parts else ""
    return f"{mine.shown_namespace}/{mine.shown_name}{more}"


def _set(session: Session, statement: Statement) -> Answer:
    edits = [assignment(word) for word in statement.words()]
    parsed = [(parse_path(path), value) for path, value in edits]
    for path, value in parsed:
        check_value(path, value)
    for path, value in parsed:
        session.edit(path, value)
    lines = [f"{path_text(path)} is {quote(value)}" for path, value in parsed]
    data = {path_text(path): value for path, value in parsed}
    return Answer("\n".join(lines), data)


def _unset(session: Session, statement: Statement) -> Answer:
    paths = [parse_path(word) for word in statement.words()]
    for path in paths:
        check_value(path, None)
    if not paths:
        session.take_back()
        return Answer("all facts are as they were loaded", {})
    for path in paths:
        session.edit(path, None)
    lines = [f"{path_text(path)} is absent" for path in paths]
    return Answer("\n".join(lines), {path_text(path): None for path in paths})


def _facts(session: Session, _: Statement) -> Answer:
    facts = session.facts()
    return Answer("\n".join(_listing(facts, session.pod)), facts_to_json(facts))


def _listing(facts: Facts, mine: Imagined) -> Iterator[str]:
    """A fact a line in the rule language, edited ones marked."""
    yield _line(mine, "pod.name", "", facts.pod_name)
    yield from _section(mine, "pod", facts.pod)
    yield _line(mine, "namespace.name", "", facts.pod_namespace)
    yield from _section(mine, "namespace", facts.namespace)
    yield _line(mine, "node.name", "", facts.node_name or None)
    yield from _section(mine, "node", facts.node)
    yield _line(mine, "nic.name", "", facts.nic)
    network, note, _ = look_up(facts, 4, "nic.network", "")
    yield f"nic.network = {quote(network) if network else 'absent'}" + (
        f"  # {note}" if note else ""
    )


def _section(
    mine: Imagined, name: str, found: PodFacts | NamespaceFacts | NodeFacts | Unknown
) -> Iterator[str]:
    if isinstance(found, Unknown):
        yield f"# {found.what} is not known: {found.reason}"
        return
    yield from _keyed(mine, f"{name}.label", found.labels)
    if not isinstance(found, NodeFacts):
        yield from _keyed(mine, f"{name}.annotation", found.annotations)
    if isinstance(found, PodFacts):
        for key, value in (("kind", found.owner_kind), ("name", found.owner_name)):
            if value or (f"pod.owner.{key}", "") in mine.edits:
                yield _line(mine, f"pod.owner.{key}", "", value or None)


def _keyed(mine: Imagined, subject: str, values: Mapping[str, str]) -> Iterator[str]:
    gone = [key for edited, key in mine.edits if edited == subject and key not in values]
    for key in sorted([*values, *gone]):
        yield _line(mine, subject, key, values.get(key))


def _line(mine: Imagined, subject: str, key: str, value: str | None) -> str:
    place = (subject, key)
    mark = "  # set here" if place in mine.edits else ""
    return f"{path_text(place)} = {quote(value) if value is not None else 'absent'}{mark}"


COMMANDS = (
    Command(
        ":pod",
        ":pod [new] NAMESPACE/NAME",
        "Ask about a Pod; `new` imagines one.",
        _pod,
        0,
        2,
        (PODS,),
    ),
    Command(":set", ":set PATH=VALUE...", "Imagine that facts are these.", _set, 1, None, (PATHS,)),
    Command(
        ":unset",
        ":unset [PATH...]",
        "Imagine that facts are absent; without a path, take back everything set.",
        _unset,
        0,
        None,
        (PATHS,),
    ),
    Command(":facts", ":facts", "Show all that a decision looks at.", _facts),
)
