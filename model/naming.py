"""Natural order of names, and the nearest names to a misspelt one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key under which `pool-2` comes before `pool-10`.

    Runs of ASCII digits compare as numbers and come before other text; names that are equal so
    (`a1`, `a01`) compare by their text, so the order is total.
    """
    parts: list[tuple[int, int, str]] = []
    run = ""
    for character in name:
        digit = "0" <= character <= "9"
        if run and digit != ("0" <= run[-1] <= "9"):
            parts.append(_part(run))
            run = ""
        run += character
    if run:
        parts.append(_part(run))
    parts.append((-1, 0, name))
    return tuple(parts)


def _part(run: str) -> tuple[int, int, str]:
    return (0, int(run), "") if "0" <= run[0] <= "9" else (1, 0, run)


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Up to `most` names of `known` at a small edit distance from `name`, nearest first."""
    limit = max(2, len(name) // 3) if len(name) > 3 else 1
    scored = []
    for other in known:
        distance = edit_distance(name.lower(), other.lower(), limit)
        if distance <= limit:
            scored.append((distance, natural_key(other), other))
    return [other for _, _, other in sorted(scored)[:most]]


def did_you_mean(near: Iterable[str], otherwise: str) -> str:
    """The hint for a misspelt name: its near ones, or `otherwise` where there are none."""
    quoted = " or ".join(f"`{name}`" for name in near)
    return f"did you mean {quoted}" if quoted else otherwise


def edit_distance(left: str, right: str, limit: int) -> int:
    """Levenshtein distance, or `limit + 1` as soon as it must be larger."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (a != b))
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        previous = current
    return min(previous[-1], limit + 1)
