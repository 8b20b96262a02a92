"""A pool as rules look at it."""

from __future__ import annotations

from functools import cached_property

from model.intervals import Intervals, subtract
from model.rules import PoolRules
from policy.documents import Document
from policy.normal.box import Box, box_of
from policy.places import Path
from policy.pool_spec import PoolSpec
from policy.requirement_paths import requirement_paths


class LintedPool:
    """A valid pool. `rules` are what a store would hold, with the places of all checks."""

    def __init__(self, spec: PoolSpec, rules: PoolRules) -> None:
        self.spec = spec
        self.rules = rules

    @property
    def name(self) -> str:
        """The pool's name."""
        return self.spec.name

    @property
    def document(self) -> Document:
        """The manifest it stands in."""
        return self.spec.document

    @cached_property
    def box(self) -> Box:
        """The Pods that may use the pool, in normal form, its family included."""
        return box_of(self.rules.checks)

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Where each of `rules.checks` comes from."""
        return requirement_paths(self.spec)

    @cached_property
    def addresses(self) -> Intervals:
        """The addresses it has: `ips` without `excludeIPs`."""
        return subtract(self.spec.ips.ranges, self.spec.exclude.ranges)

    @property
    def is_candidate(self) -> bool:
        """Whether Pods get it without naming it: a default pool that is neither disabled nor
        deleted.
        """
        return self.rules.default and not self.rules.disabled and not self.rules.terminating
