"""Sightings: what `reconcile` saw of a lease, kept from one run to the next."""

from __future__ import annotations

from model.record import Record


class Sighting(Record):
    """That the holder of a lease was found to be gone, while the lease had this revision.

    `since_seconds` (UTC) is when that was first seen.
    """

    __slots__ = ("address", "family", "revision", "since_seconds")

    def __init__(self, family: int, address: int, revision: str, since_seconds: int) -> None:
        self.family = family
        self.address = address
        self.revision = revision
        self.since_seconds = since_seconds
