""":load, :reload, :watch: what is decided over, and what a change of it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cli.repl.answer import Answer
from cli.repl.changes import SAME, changes
from cli.repl.registry import FILES, ON_OFF, Command
from model.errors import ConfigurationError
from policy.wording import shown

if TYPE_CHECKING:
    from cli.repl.language import Statement
    from cli.repl.session import Session
    from model.decisions import Decision


def _load(session: Session, statement: Statement) -> Answer:
    paths = tuple(word.strip("\"'") for word in statement.words())
    session.load(replace(session.world.source, paths=paths))
    return Answer(world_text(session), world_data(session))


def world_text(session: Session) -> str:
    """What the session decides over, in a line."""
    world = session.world
    pools, pods = len(world.pool_names()), len(world.pods())
    return f"{world.source.text}: {_counted(pools, 'pool')}, {_counted(pods, 'Pod')}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def world_data(session: Session) -> dict[str, object]:
    """The same as JSON values."""
    world = session.world
    return {
        "source": list(world.source.paths) or world.source.db,
        "pools": len(world.pool_names()),
        "pods": len(world.pods()),
    }


def reload(session: Session) -> Answer:
    """Read everything anew, and say what that changes for the Pod that is asked about.

    Raises what loading raises; what was loaded before stays then.
    """
    before = session.remembered()
    session.world.see()
    session.load(session.world.source)
    return _changed(session, before)


def _reload(session: Session, _: Statement) -> Answer:
    return reload(session)


def _changed(session: Session, before: Decision | None) -> Answer:
    session.remember()
    after = session.remembered()
    lines = changes(before, after) if before and after else []
    data = {**world_data(session), "changes": [line.strip() for line in lines]}
    told = lines or ([SAME] if before and after else [])
    if before and not after:
        told = [f"Pod {before.pod} is not there any more"]
    return Answer("\n".join([world_text(session), *told]), data)


def poll(session: Session) -> Answer | None:
    """What changed since the last look, where the session watches; None if nothing did.

    Raises what loading raises, once for each state of the files; the session goes on with what it
    had, and watches on.
    """
    if not session.watching or not session.world.changed:
        return None
    answer = reload(session)
    return replace(answer, text=f"changed: {answer.text}")


def _watch(session: Session, statement: Statement) -> Answer:
    words = statement.words()
    if words not in ([], ["on"], ["off"]):
        raise ConfigurationError(
            f"`:watch` does not know {shown(words[0])}",
            "write `:watch on` or `:watch off`",
            code="invalid-argument",
        )
    session.watching = words != ["off"]
    session.world.see()
    session.remember()
    text = f"watching {session.world.source.text}" if session.watching else "not watching"
    return Answer(text, {"watching": session.watching})


COMMANDS = (
    Command(
        ":load",
        ":load PATH...",
        "Decide over these manifests, this export or this backup.",
        _load,
        1,
        None,
        (FILES,),
    ),
    Command(
        ":reload", ":reload", "Read everything anew, and say what changes for the Pod.", _reload
    ),
    Command(
        ":watch",
        ":watch [on|off]",
        "Reload whenever a file is saved, and say what changes.",
        _watch,
        0,
        1,
        (ON_OFF,),
    ),
)
