"""kubectl's `-l`: `app=web,tier!=cache,zone in (a, b),!canary,track`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from model.errors import ConfigurationError
from model.rules import Check
from policy.evaluate import check_holds

_SET = re.compile(r"^(\S+)\s+(in|notin)\s+\(([^()]*)\)$")
_EQUAL = re.compile(r"^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$")


def parse_query(text: str) -> list[Check]:
    """One check a requirement; `ConfigurationError` naming the part that cannot be read."""
    return [_requirement(part.strip()) for part in _split(text) if part.strip()]


def selects(query: list[Check], labels: Mapping[str, str]) -> bool:
    """Whether the labels meet all requirements."""
    return all(check_holds(check, labels.get(check[2])) for check in query)


def _split(text: str) -> list[str]:
    """Parts between commas that are not inside parentheses."""
    return re.split(r",(?![^(]*\))", text)


def _requirement(text: str) -> Check:
    found = _SET.match(text)
    if found:
        values = tuple(value.strip() for value in found[3].split(","))
        return ("", "pod.label", found[1], "in" if found[2] == "in" else "not in", values)
    found = _EQUAL.match(text)
    if found:
        return ("", "pod.label", found[1], "not in" if found[2] == "!=" else "in", (found[3],))
    name = text.removeprefix("!")
    if not re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9_./]*", name):
        raise ConfigurationError(
            f"cannot read the label selector `{text}`",
            "write `key=value`, `key!=value`, `key in (a,b)`, `key notin (a,b)`, `key` or `!key`",
            code="invalid-argument",
        )
    return ("", "pod.label", name, "absent" if text.startswith("!") else "exists", ())
