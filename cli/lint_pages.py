"""The pages of lint rules, which come with the program and are read without a network."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from model.errors import ConfigurationError
from policy.lint.refused import REFUSALS
from policy.lint.registry import all_rules
from policy.wording import did_you_mean

# A link to docs/, of which setuptools packs the pages that are read here.
_PAGES = files("cli") / "pages"

# Where docs/ is read with a browser; the domain is that of the annotations.
_ADDRESS = "https://poolweaver.io/docs/lint/"


def explained(rule: str) -> str:
    """The page of a rule, or what is known of an error of `apply` under that code.

    `ConfigurationError` where there is neither.
    """
    if rule in all_rules():
        return (_PAGES / "lint" / f"{rule}.md").read_text(encoding="utf-8")
    if rule in REFUSALS:
        meaning, remedy = _errors()[rule]
        return (
            f"# {rule}\n\nAn error of the manifest; `poolweaver apply` refuses it, too.\n\n"
            f"What it means: {meaning}.\n\nWhat to do: {remedy}.\n"
        )
    known = [*all_rules(), *REFUSALS]
    raise ConfigurationError(
        f"there is no rule `{rule}`",
        did_you_mean(rule, known) or f"rules are: {', '.join(all_rules())}",
        code="invalid-argument",
    )


def address(rule: str) -> str:
    """Where the page of a rule, or of the error of that code, is read with a browser.

    Without a rule: that of their list.
    """
    return f"{_ADDRESS}{rule}"


@cache
def _errors() -> dict[str, tuple[str, str]]:
    """(meaning, what to do) of each code in docs/errors.md."""
    text = (_PAGES / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `([\w-]+)` \| \d+ \| \d+ \| (.*) \| (.*) \|$", text)
    return {code: (meaning, remedy) for code, meaning, remedy in rows}
