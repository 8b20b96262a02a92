"""Who held what: the journal asked by address or by Pod."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ipam.holdings import Answer, Holding, answer, holdings_of
from ipam.single_address import look_up_address
from model.addresses import address_text
from model.errors import NotFoundError
from model.journal import JournalEntry
from model.naming import did_you_mean, nearest
from store.store import Store


@dataclass(frozen=True, slots=True)
class AddressHistory:
    """All that the journal tells of one address; `known_from` is that of `Journal`."""

    family: int
    address: int
    entries: tuple[JournalEntry, ...]
    known_from: int | None

    @property
    def text(self) -> str:
        """The address as text."""
        return address_text(self.family, self.address)

    def during(self, start: int, end: int) -> Answer:
        """Who held it in the seconds from `start` on and before `end`."""
        return answer(self.entries, self.known_from, start, end)


def address_history(store: Store, text: str) -> AddressHistory:
    """The history of the address that `text` names; `RangeSyntaxError` if it names none.

    `NotFoundError` for one that is in no pool and of which the journal knows nothing either.
    """
    with store.database.snapshot():
        report = look_up_address(store, text)
        known_from = store.journal.known_from()
    if report.pool is None and not report.history:
        near = f"; it is in the subnet of {', '.join(report.subnets)}" if report.subnets else ""
        raise NotFoundError(
            f"{address_text(report.family, report.address)} is in no pool, and the journal knows "
            f"nothing of it{near}",
            "`poolweaver get spiderippool` lists the pools",
        )
    return AddressHistory(report.family, report.address, report.history, known_from)


def pod_history(store: Store, namespace: str, name: str) -> tuple[Sequence[Holding], int | None]:
    """What a Pod held, by the beginning, and the second from which the journal is complete.

    `NotFoundError` for a Pod that is not in the journal and was not applied either.
    """
    with store.database.snapshot():
        entries = store.journal.of_pod(namespace, name)
        known_from = store.journal.known_from()
        if not entries and store.objects.get("Pod", namespace, name) is None:
            names = [record.name for record in store.objects.list("Pod", namespace)]
            raise NotFoundError(
                f"the journal knows no Pod `{namespace}/{name}`, and none was applied",
                did_you_mean(
                    nearest(name, names), f"`{namespace}` is the namespace; -n gives another"
                ),
            )
    return holdings_of(entries), known_from
