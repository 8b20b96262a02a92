"""Which versions of the language this reader knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grammar.words import shown
from model.rules import LANGUAGE_VERSION

if TYPE_CHECKING:
    from grammar.source import Source
    from model.errors import RuleError

_BETWEEN = r"(?:[ \t\r\n]|#[^\n]*)*+"
_VERSION_LINE = re.compile(rf"{_BETWEEN}rules(?![\w.]){_BETWEEN}(-?[0-9]++)(?![\w.])")


def version_error(source: Source) -> RuleError | None:
    """The error (`rule-version`) for a text of another version; None for ours and for no version.

    Looks at the first words alone, so that a newer text is refused for its version and not for
    the first word that is new in it.
    """
    match = _VERSION_LINE.match(source.text)
    if match is None or match[1] == str(LANGUAGE_VERSION):
        return None
    found, known = shown(match[1]), shown(str(LANGUAGE_VERSION))
    newer = "" if match[1][0] in "-0" else f"; a newer one may know {found}"
    return source.error(
        f"this text is in version {found} of the rule language",
        *match.span(1),
        "rule-version",
        f"this program knows version {known} alone{newer}",
        [known],
    )
