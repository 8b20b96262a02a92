"""What may follow what was typed so far. Pure but for the names of files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cli.repl.language import parse_session
from cli.repl.registry import COMMANDS, FILES, KEYS, ON_OFF, PATHS, PODS, POOLS
from model.errors import ConfigurationError
from model.rules import quote
from policy.fact_paths import PATHS as FACT_PATHS
from policy.fact_paths import SECTIONS, parse_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.repl.registry import Command, Registry
    from cli.repl.vocabulary import Vocabulary

# A fact in a rule with a string that is still open: `pod.label["app"] in {"a", "we`.
_IN_RULE = re.compile(
    r"""([a-z.]+(?:\["[^"]*"\])?)\s*(?:=|(?:not\s+)?in\s*\{(?:[^"{}]|"[^"]*")*)\s*"([^"]*)$"""
)


def complete(registry: Registry, words: Vocabulary, text: str) -> tuple[int, list[str]]:
    """(how many of the last characters are replaced, what may stand there) for the text so far."""
    statement = _open_statement(text)
    head, blank, rest = statement.partition(" ")
    if not blank:
        names = [
            one
            for one in registry.commands
            if one.removeprefix(":").startswith(head.removeprefix(":"))
        ]
        return len(head), names
    try:
        command = registry.find(head)
    except ConfigurationError:
        return 0, []
    if command.name == "eval":
        return _in_rule(words, rest)
    word = re.split(r"\s+", rest)[-1]
    found = [one for one in _words(registry, words, command, word) if one.startswith(word)]
    return len(word), sorted(dict.fromkeys(found))


def _open_statement(text: str) -> str:
    """The statement at the end of the text, without the blanks before it."""
    parsed = parse_session(text)
    if parsed.left:
        return parsed.left.lstrip()
    if not parsed.statements or re.search(r"[;\n]\s*$", text):
        return ""
    whole = parsed.statements[-1].text
    return whole + text[len(text.rstrip()) :]


def _words(registry: Registry, words: Vocabulary, command: Command, word: str) -> Iterator[str]:
    for kind in command.completes:
        if kind == POOLS:
            yield from words.pools
        elif kind == PODS:
            yield from words.pods
        elif kind == PATHS:
            yield from _paths(words, word, assigning=command.name == ":set")
        elif kind == KEYS:
            yield from (key for subject in FACT_PATHS for key in words.keys(subject))
        elif kind == COMMANDS:
            yield from registry.commands
        elif kind == ON_OFF:
            yield from ("on", "off")
        elif kind == FILES:
            yield from _files(word)


def _paths(words: Vocabulary, word: str, *, assigning: bool) -> Iterator[str]:
    """Fact paths with the keys that occur; behind a `=`, the values that occur there."""
    path, equals, _ = word.partition("=")
    if equals and assigning:
        try:
            found = words.values(*parse_path(path))
        except ConfigurationError:
            return
        yield from (
            f"{path}={value}" for value in found if not re.search(r"[\s;#\"'{}\[\]]", value)
        )
        return
    end = "=" if assigning else ""
    for subject, keyed in FACT_PATHS.items():
        if not keyed:
            yield f"{subject}{end}"
        else:
            yield from (f"{subject}.{key}{end}" for key in words.keys(subject))
            if not word.startswith(f"{subject}."):
                yield f"{subject}."
    if not assigning:
        yield from SECTIONS


def _in_rule(words: Vocabulary, rest: str) -> tuple[int, list[str]]:
    """Facts in the form of rules, and in an open string the values that occur there."""
    inside = _IN_RULE.search(rest)
    if inside:
        try:
            found = words.values(*parse_path(inside[1]))
        except ConfigurationError:
            return 0, []
        return len(inside[2]), [one for one in found if one.startswith(inside[2])]
    match = re.search(r"[a-z.]*(?:\[\"?[^\"\]]*)?$", rest)
    word = match[0] if match else ""
    names = [
        f"{subject}[{quote(key)}]"
        for subject, keyed in FACT_PATHS.items()
        if keyed and subject != "namespace.annotation"
        for key in words.keys(subject)
    ]
    names += [subject for subject, keyed in FACT_PATHS.items() if not keyed]
    return len(word), sorted(one for one in names if one.startswith(word))


def _files(word: str) -> Iterator[str]:
    folder, slash, start = word.rpartition("/")
    where = Path(folder + slash or ".")
    try:
        found = sorted(where.iterdir())
    except OSError:
        return
    for path in found:
        if path.name.startswith(start) and (start or not path.name.startswith(".")):
            yield f"{folder}{slash}{path.name}{'/' if path.is_dir() else ''}"
