"""The types of the language: which subjects, operators, values and origins go together.

Every error here is a `RuleError` of code `rule-type` whose span is the wrong part alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grammar.globs import glob_problem
from grammar.literals import read_string
from grammar.words import did_you_mean, either, shown
from model.rules import RANK_FIELDS, SUBJECTS, quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token, Tree

    from grammar.source import Source
    from model.errors import RuleError
    from model.rules import Check

ORIGINS = (*RANK_FIELDS, "annotation")
FAMILY = "ip.family"
# Subjects without a key that a Pod's interface may lack; all keyed ones may be absent too.
ABSENTABLE = ("pod.owner.kind", "pod.owner.name", "nic.network")


def read_check(source: Source, atom: Tree[Token], origin: Token | None) -> Check:
    """The check that an atom says; the values of a set come out sorted and without duplicates."""
    subject, key, operator, values = _read_atom(source, atom.data, atom.children)
    field = "" if origin is None else read_name(source, origin, ORIGINS, "origin")
    return field, subject, key, operator, values


def _read_atom(
    source: Source, kind: str, children: list[Any]
) -> tuple[str, str, str, tuple[str, ...]]:
    if kind == "presence":
        subject, key = _read_subject(source, children[1])
        if not SUBJECTS[subject] and subject not in ABSENTABLE:
            raise _never_absent(source, children[0], children[1].children[0])
        return subject, key, str(children[0]), ()
    subject, key = _read_subject(source, children[0])
    if subject == FAMILY:
        return subject, key, "=", (_read_family(source, kind, children),)
    if kind == "equal":
        return subject, key, "=", (_read_text(source, subject, children[2]),)
    if kind == "glob":
        return subject, key, "matches", (_read_glob(source, children[2]),)
    operator = "in" if children[1] is None else "not in"
    return subject, key, operator, _read_set(source, subject, children[3:])


def _read_subject(source: Source, place: Tree[Token]) -> tuple[str, str]:
    """(subject, key), the key empty for subjects that take none."""
    children: list[Any] = place.children
    name, bracket, key, end = children
    if name not in SUBJECTS:
        raise unknown_subject(source, name, name.start_pos)
    if key is None:
        if SUBJECTS[name]:
            hint = f'write the key: `{name}["KEY"]`'
            raise source.error_at(f"{shown(name)} needs a key", name, hint=hint)
        return str(name), ""
    if not SUBJECTS[name]:
        hint = f"write `{name}` alone"
        raise source.error_at(f"{shown(name)} takes no key", bracket, end, hint=hint)
    text = read_string(source, key)
    if not text:
        hint = "write the name of a label or annotation"
        raise source.error_at("the key is empty", key, hint=hint)
    return str(name), text


def unknown_subject(source: Source, name: str, start: int) -> RuleError:
    """The error for a name, at an offset, that is no subject."""
    return source.error(
        f"unknown subject {shown(name)}",
        start,
        start + len(name),
        hint=did_you_mean(name, (*SUBJECTS, "exists", "absent")),
        expected=[shown(known) for known in SUBJECTS],
    )


def read_name(source: Source, token: Token, known: Sequence[str], what: str) -> str:
    """The name, if it is one of those known."""
    if token in known:
        return str(token)
    raise source.error_at(
        f"unknown {what} {shown(token)}",
        token,
        hint=did_you_mean(token, known),
        expected=[shown(name) for name in known],
    )


def read_ranked(source: Source, tokens: Sequence[Token]) -> tuple[str, ...]:
    """The affinity fields of a rank clause, each known, once, and in the order of `RANK_FIELDS`."""
    fields: list[str] = []
    for token in tokens:
        name = read_name(source, token, RANK_FIELDS, "affinity field")
        if name in fields:
            raise source.error_at(f"{shown(name)} stands twice", token, hint="write it once")
        if fields and RANK_FIELDS.index(name) < RANK_FIELDS.index(fields[-1]):
            right = " ".join(known for known in RANK_FIELDS if known in tokens)
            raise source.error_at(
                f"{shown(name)} stands behind {shown(fields[-1])}",
                token,
                hint=f"write the fields in the order of rank: `{right}`",
            )
        fields.append(name)
    return tuple(fields)


def _read_family(source: Source, kind: str, children: list[Any]) -> str:
    if kind != "equal":
        words = [child for child in children[1:3] if child in ("not", "in", "matches")]
        raise source.error_at(
            f"`{' '.join(words)}` does not go with `{FAMILY}`",
            words[0],
            words[-1],
            hint=f"write `{FAMILY} = 4` or `{FAMILY} = 6`",
            expected=("`=`",),
        )
    value = children[2]
    if value in ("4", "6"):
        return str(value)
    text = value.type == "STRING"
    raise source.error_at(
        f"`{FAMILY}` is an integer, not text" if text else f"{shown(value)} is not an IP family",
        value,
        hint="write `4` or `6`, without quotes",
        expected=("`4`", "`6`"),
    )


def _read_text(source: Source, subject: str, token: Token) -> str:
    if token.type == "STRING":
        return read_string(source, token)
    raise source.error_at(
        f"`{subject}` is text, not an integer",
        token,
        hint=f"put it in double quotes: {shown(quote(token))}",
        expected=("a string in double quotes",),
    )


def _read_glob(source: Source, token: Token) -> str:
    pattern = read_string(source, token)
    problem = glob_problem(pattern)
    if problem:
        hint = "write `\\\\[` for a plain bracket and `\\\\\\\\` for a plain backslash"
        raise source.error_at(f"the glob {problem}", token, hint=hint)
    return pattern


def _read_set(source: Source, subject: str, children: list[Any]) -> tuple[str, ...]:
    brace, *literals, end = children
    values = {_read_text(source, subject, token) for token in literals if token is not None}
    if not values:
        raise source.error_at(
            "the set is empty",
            brace,
            end,
            hint="put at least one value in it",
            expected=("a string in double quotes",),
        )
    return tuple(sorted(values))


def _never_absent(source: Source, word: Token, subject: Token) -> RuleError:
    keyed = [f'{name}["KEY"]' for name, takes_key in SUBJECTS.items() if takes_key]
    places = either([f"`{name}`" for name in (*keyed, *ABSENTABLE)])
    return source.error_at(
        f"{shown(subject)} is always there, so {shown(word)} says nothing about it",
        word,
        subject,
        hint=f"{shown(word)} goes with {places}",
    )
