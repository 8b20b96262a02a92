"""Which bound leases belong to a Pod that is absent, and since when that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from model.facts import BEING_DELETED, PodFacts
from model.leases import IMPORTED, Attachment, Lease
from model.sightings import Sighting

# Phases that a Pod never leaves, whatever its restartPolicy (Kubernetes, "Pod lifecycle"). An ADD
# asks another question, and goes by `PodFacts.ended`.
TERMINAL = ("Succeeded", "Failed")

Key = tuple[int, int]
Pods = Mapping[tuple[str, str], PodFacts]
Lives = Callable[[Attachment], bool]


@dataclass(frozen=True, slots=True)
class Absence:
    """The leases of one interface whose Pod is absent, and why it counts as that.

    `since_seconds` is when the last of them was first seen so, None where one never was before.
    """

    leases: Sequence[Lease]
    reason: str
    since_seconds: int | None


def key_of(one: Lease | Sighting) -> Key:
    """Family and address."""
    return one.family, one.address


def why_absent(lease: Lease, pods: Pods, sandbox_lives: Lives | None) -> str:
    """Why the lease's Pod is absent, in a line; empty if it is there.

    One that is being deleted is there until it is gone: it still uses its address. Of a container
    that is no Pod only its sandbox tells.
    """
    holder = lease.holder
    if not holder.pod_name:
        return _why_gone(lease, sandbox_lives, f"the container {lease.attachment.container_id}")
    pod = pods.get((holder.pod_namespace, holder.pod_name))
    if pod is None:
        return f"pod {holder.pod_text} is not there"
    if pod.uid and holder.pod_uid and pod.uid != holder.pod_uid:
        return f"pod {holder.pod_text} is another by now: UID {pod.uid}, not {holder.pod_uid}"
    if pod.ended and pod.ended != BEING_DELETED:
        return f"pod {holder.pod_text} has ended: {pod.ended}"
    if pod.phase in TERMINAL:
        return f"pod {holder.pod_text} has ended: its phase is {pod.phase}"
    sandbox = f"the sandbox {lease.attachment.container_id} of pod {holder.pod_text}"
    return _why_gone(lease, sandbox_lives, sandbox)


def _why_gone(lease: Lease, sandbox_lives: Lives | None, what: str) -> str:
    imported = lease.attachment.network == IMPORTED  # its container id is no container's
    if sandbox_lives is None or imported or sandbox_lives(lease.attachment):
        return ""
    return f"{what} is gone"


def by_interface(leases: Iterable[Lease]) -> list[list[Lease]]:
    """The bound leases among these, those of one attachment together."""
    groups: dict[Attachment, list[Lease]] = {}
    for lease in leases:
        groups.setdefault(lease.attachment, []).append(lease)
    return list(groups.values())


def absence(
    leases: Sequence[Lease], reason: str, sightings: Mapping[Key, Sighting], now_seconds: int
) -> Absence:
    """That of one interface, with what earlier sightings of it are still worth."""
    found = [sighting_of(lease, sightings, now_seconds) for lease in leases]
    times = [one.since_seconds for one in found if one is not None]
    return Absence(leases, reason, max(times) if len(times) == len(leases) else None)


def sighting_of(
    lease: Lease, sightings: Mapping[Key, Sighting], now_seconds: int
) -> Sighting | None:
    """The sighting of a lease that has not changed since; None too if it lies in the future."""
    one = sightings.get(key_of(lease))
    if one is None or one.revision != lease.revision or one.since_seconds > now_seconds:
        return None
    return one


def changed_sightings(
    absences: Sequence[Absence], sightings: Mapping[Key, Sighting], now_seconds: int
) -> tuple[list[Sighting], list[Sighting]]:
    """(sightings to add, sightings to forget) after a run that saw these absences."""
    absent = {key_of(lease): lease for one in absences for lease in one.leases}
    seen = [
        Sighting(lease.family, lease.address, lease.revision, now_seconds)
        for lease in absent.values()
        if sighting_of(lease, sightings, now_seconds) is None
    ]
    return seen, [one for key, one in sightings.items() if key not in absent]
