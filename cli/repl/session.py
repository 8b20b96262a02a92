"""The state of a session: world, Pod, edits, breakpoints; no terminal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cli.repl.world import World
from ipam.explain import explain
from ipam.gathering import gather, view_candidates
from ipam.imagined import Imagined, ImaginedStore
from ipam.request import Request
from model.errors import ConfigurationError, DecisionError, NotFoundError, PoolweaverError
from model.facts import PodFacts
from model.leases import Attachment
from model.naming import nearest
from policy.networks import FIRST_NIC
from policy.wording import listed, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.repl.stepping import Stepper
    from cli.repl.world import Source
    from ipam.gathering import View
    from model.decisions import Candidate, Decision, FamilyDecision
    from model.facts import Facts
    from model.pools import PoolRecord
    from policy.fact_paths import FactPath

DEFAULT_NAMESPACE = "default"
IMAGINED_NAME = "imagined"


class Session:
    """One session. `clock` gives UTC seconds, `stopwatch` seconds since some moment.

    Nothing here writes to the store of the world. `close` ends it.
    """

    def __init__(
        self, source: Source, clock: Callable[[], int], stopwatch: Callable[[], float]
    ) -> None:
        """Opens the world; the only Pod there is, is chosen. Raises what `World` raises."""
        self.clock = clock
        self.stopwatch = stopwatch
        self.world = World(source, clock())
        self.imagined: Imagined | None = None
        self.as_json = False
        self.watching = False
        self.breakpoints: list[str] = []
        self.stepper: Stepper | None = None
        self._remembered: tuple[Imagined, Decision] | None = None
        self._choose_only_pod()

    def close(self) -> None:
        """Closes the world."""
        self.world.close()

    def load(self, source: Source) -> None:
        """Opens another world in place of this one, which stays where that fails.

        The Pod stays chosen where the other world knows it; edits stay with it.
        """
        world = World(source, self.clock())
        self.world.close()
        self.world = world
        self.stepper = None
        mine = self.imagined
        if mine is not None and mine.stored and (mine.namespace, mine.name) not in world.pods():
            self.imagined = None
        self._choose_only_pod()

    def _choose_only_pod(self) -> None:
        pods = self.world.pods()
        if self.imagined is None and len(pods) == 1:
            self.imagined = Imagined(*pods[0])

    def choose(self, namespace: str, name: str, *, stored: bool = True) -> None:
        """Ask about another Pod, without edits; `NotFoundError` where a stored one is not there."""
        if stored:
            pods = self.world.pods()
            if (namespace, name) not in pods:
                near = nearest(f"{namespace}/{name}", (f"{one}/{two}" for one, two in pods))
                raise NotFoundError(
                    f"there is no Pod `{namespace}/{name}` in {self.world.source.text}",
                    f"did you mean {listed(near, 'or')}?"
                    if near
                    else f"`:pod new {namespace}/{name}` imagines one",
                )
        self.imagined = Imagined(namespace, name, stored)
        self.stepper = None

    def edit(self, path: FactPath, value: str | None) -> None:
        """Give a fact a value, or make it absent; without a Pod, one is imagined first."""
        mine = self.imagined or Imagined(DEFAULT_NAMESPACE, IMAGINED_NAME, stored=False)
        edits = {known: was for known, was in mine.edits.items() if known != path}
        self.imagined = replace(mine, edits={**edits, path: value})
        self.stepper = None

    def take_back(self) -> None:
        """Forget all edits."""
        if self.imagined is not None:
            self.imagined = replace(self.imagined, edits={})
        self.stepper = None

    @property
    def store(self) -> ImaginedStore:
        """The world's store through the edits; `ConfigurationError` where no Pod is chosen."""
        return ImaginedStore(self.world.store, self.pod)

    @property
    def pod(self) -> Imagined:
        """The Pod that is asked about; `ConfigurationError` where none is chosen."""
        if self.imagined is None:
            count = len(self.world.pods())
            raise ConfigurationError(
                "no Pod is chosen",
                f"`:pod NAMESPACE/NAME` chooses one of {count}; `:set` imagines one",
                code="invalid-argument",
            )
        return self.imagined

    def request(self) -> Request:
        """The question: the interface of the Pod, on its node, as edited."""
        mine = self.pod
        namespace, name = mine.shown_namespace, mine.shown_name
        known = self.store.facts.pod(namespace, name, "")
        node = known.node_name if isinstance(known, PodFacts) else mine.named("node.name", "")
        nic = mine.named("nic.name", FIRST_NIC)
        return Request(Attachment(node, "", "", nic), namespace, name)

    def facts(self) -> Facts:
        """All that a decision looks at."""
        return gather(self.store, self.request())

    def decision(self) -> Decision:
        """The decision with every check and span, as `explain` gives it."""
        return explain(self.store, self.request(), self.clock())

    def remember(self) -> None:
        """Keep the decision as it is now, to be compared with what it will be."""
        self._remembered = None
        if self.imagined is not None:
            with suppress(PoolweaverError):
                self._remembered = (self.imagined, self.decision())

    def remembered(self) -> Decision | None:
        """The decision that was kept, if it was about this Pod with these edits."""
        if self._remembered is None or self._remembered[0] != self.imagined:
            self.remember()
        return self._remembered[1] if self._remembered else None

    def view(self) -> View:
        """The candidates and their pools; a `DecisionError` where there are none."""
        return view_candidates(self.store, self.facts(), self.request())

    def pool(self, name: str) -> PoolRecord:
        """The pool; `NotFoundError` with the nearest names."""
        found = self.world.store.pools.get(name)
        if found is None:
            near = nearest(name, self.world.pool_names())
            raise NotFoundError(
                f"there is no pool {shown(name)}",
                f"did you mean {listed(near, 'or')}?" if near else "`match` lists the candidates",
            )
        return found

    def judged(self) -> Decision:
        """The decision where pools were judged at all; else its refusal as a `DecisionError`."""
        decision = self.decision()
        if not decision.families and decision.error is not None:
            error = decision.error
            raise DecisionError(error.message, error.hint, code=error.code)
        return decision


def candidate_of(decision: Decision, pool: str) -> tuple[FamilyDecision, Candidate] | None:
    """The pool among the candidates, with its family; None where it is none of them."""
    for family in decision.families:
        for candidate in family.candidates:
            if candidate.pool == pool:
                return family, candidate
    return None
