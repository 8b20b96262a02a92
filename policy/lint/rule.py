"""A rule: what it is called, how grave it is, and how it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policy.documents import Document
from policy.lint.finding import Finding, Fix, Related
from policy.normal.witness import Witness
from policy.places import Path, path_text

if TYPE_CHECKING:
    from policy.lint.linted import Linted


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    `id` is kebab-case and names the bad pattern; its file is `rules/<id>.py` with `_` for `-`, its
    page `docs/lint/<id>.md`. `find` gives all findings; it is pure, and looks at each pool in time
    that does not grow with the others, but for what the shared analyses of `Linted` answer. A rule
    that `needs` kinds (or `--standalone`) is run only where all objects of these are known.
    Findings of a `fixable` rule have fixes, after which the rule finds nothing there.
    """

    id: str
    severity: str
    summary: str
    find: Callable[[Linted], Iterable[Finding]]
    needs: tuple[str, ...] = ()
    fixable: bool = False

    @property
    def needs_world(self) -> bool:
        """Whether manifests alone are not enough."""
        return bool(self.needs)

    def at(
        self,
        document: Document,
        path: Path,
        message: str,
        hint: str,
        *,
        about: str = "",
        related: tuple[Related, ...] = (),
        witness: Witness | None = None,
        fixes: tuple[Fix, ...] = (),
        at_key: bool = False,
    ) -> Finding:
        """A finding of this rule about the field at `path`; `at_key` points at its key."""
        return Finding(
            rule=self.id,
            severity=self.severity,
            message=message,
            hint=hint,
            span=document.key_span(path) if at_key else document.span(path),
            object=document.title or document.file,
            field=path_text(path),
            about=about,
            related=related,
            witness=witness,
            fixes=fixes,
        )


def lacking(rule: Rule, linted: Linted) -> tuple[str, ...]:
    """What the rule needs to know and nobody gave: kinds, or `--standalone`."""
    return tuple(need for need in rule.needs if need not in linted.given)
