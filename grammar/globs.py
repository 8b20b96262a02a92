r"""Glob patterns exactly as Go's `path.Match`, which Spiderpool uses for pool names.

    *      any run of characters but `/`        [a-c]  one of a class
    ?      one character but `/`                [^a]   one not in the class (`[!a]` is not special)
    \x     the character x itself

Matching is anchored and case-sensitive. A malformed pattern is an error whatever it is matched
with; Go reports it only where matching gets that far. Matching happens at decision time, so this
module, unlike its neighbours, is among those that a CNI call imports (ADR 3).
"""

from __future__ import annotations


class GlobError(ValueError):
    """A malformed pattern; `str()` is a phrase, such as `ends in a single backslash`."""


BAD_CLASS = "has a malformed class `[...]`"

# One element of a pattern: ("*",), ("?",), ("=", character), ("[", negated, ((low, high), ...))
Element = tuple[object, ...]


def is_pattern(text: str) -> bool:
    """Whether Spiderpool would expand this name: it has `*`, `?`, or both brackets."""
    return "*" in text or "?" in text or ("[" in text and "]" in text)


def compile_glob(pattern: str) -> list[Element]:
    """The elements of a pattern; `GlobError` if it is malformed."""
    elements: list[Element] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character in "*?":
            if not (character == "*" and elements and elements[-1] == ("*",)):
                elements.append((character,))
        elif character == "[":
            element, position = _class(pattern, position)
            elements.append(element)
        elif character == "\\":
            if position == len(pattern):
                raise GlobError("ends in a single backslash")
            elements.append(("=", pattern[position]))
            position += 1
        else:
            elements.append(("=", character))
    return elements


def _class(pattern: str, position: int) -> tuple[Element, int]:
    """The class that starts behind `[`, and the position behind its `]`."""
    negated = pattern[position : position + 1] == "^"
    position += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern[position : position + 1] == "]"):
        low, position = _class_character(pattern, position)
        high = low
        if pattern[position] == "-":
            high, position = _class_character(pattern, position + 1)
        ranges.append((low, high))
    return ("[", negated, tuple(ranges)), position + 1


def _class_character(pattern: str, position: int) -> tuple[str, int]:
    character = pattern[position : position + 1]
    if character in ("-", "]"):
        raise GlobError(BAD_CLASS)
    if character == "\\":
        position += 1
        character = pattern[position : position + 1]
    if not character or position + 1 == len(pattern):
        raise GlobError(BAD_CLASS)
    return character, position + 1


def glob_problem(pattern: str) -> str:
    """Why the pattern is malformed, as a phrase; empty for a good one."""
    try:
        compile_glob(pattern)
    except GlobError as error:
        return str(error)
    return ""


def glob_matches(elements: list[Element], text: str) -> bool:
    """Whether the whole text matches; the time is the product of both lengths at worst."""
    element = position = 0
    star, resume = -1, 0
    while position < len(text):
        if element < len(elements) and elements[element] == ("*",):
            star, resume = element, position
            element += 1
        elif element < len(elements) and _one(elements[element], text[position]):
            element += 1
            position += 1
        elif star >= 0 and text[resume] != "/":
            resume += 1
            element, position = star + 1, resume
        else:
            return False
    return all(rest == ("*",) for rest in elements[element:])


def _one(element: Element, character: str) -> bool:
    """Whether one element that is no `*` matches one character."""
    if element[0] == "=":
        return element[1] == character
    if element[0] == "?":
        return character != "/"
    _, negated, ranges = element
    assert isinstance(ranges, tuple)
    return any(low <= character <= high for low, high in ranges) is not negated
