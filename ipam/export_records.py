"""The lines of an export, one JSON object each, and the records they stand for.

{"poolweaver": "export", "version": 1}      the first line; with "journalFrom" where changes follow
{"setting": "namespace", "value": "..."}    every setting
{"node": "node1"}                           the node that the store serves
{"manifest": {...}}                         every object, every pool
{"lease": {...}}                            by address; equal `claim`: made by one claim
{"change": {...}}                           the journal, oldest first

Times are UTC seconds since the epoch. What a reading store makes itself is not there: revisions,
compiled rules, counts, when an object was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model.addresses import address_text
from model.errors import ManifestError
from model.journal import JournalEntry
from model.leases import BOUND, KEPT, RESTING, Answer, Attachment, Holder, Lease
from model.ranges import RangeSyntaxError, parse_address
from model.spans import Span
from store.lease_rows import Held

VERSION = 1
EVENTS = ("claimed", "taken-over", "kept", "released", "reclaimed")
_PEER = {
    "pool": str,
    "node": str,
    "network": str,
    "containerID": str,
    "interface": str,
    "namespace": str,
    "pod": str,
    "uid": str,
    "tenant": str,
    "rulesDigest": str,
    "decision": str,
}
_CHANGE = {"at": int, "event": str, "address": str, **_PEER}
_LEASE = {
    "address": str,
    "state": str,
    **_PEER,
    "answer": dict,
    "changedAt": int,
    "restsUntil": int,
    "claim": int,
    "families": int,
}
_ANSWER = {"address": str, "gateway": str, "routes": list}
_TYPES = {str: "a text", int: "a whole number", dict: "an object", list: "a list"}


def lease_document(held: Held, claim: int) -> dict[str, object]:
    """A lease as it is written; `claim` is the number of its claim in this export."""
    lease = held.lease
    answer = lease.answer
    return {
        "address": address_text(lease.family, lease.address),
        "state": lease.state,
        **_peer(lease.pool, lease.attachment, lease.holder, lease.rules_digest, lease.decision),
        "answer": {
            "address": answer.address,
            "gateway": answer.gateway,
            "routes": [list(route) for route in answer.routes],
        },
        "changedAt": lease.changed_at_seconds,
        "restsUntil": lease.rests_until_seconds,
        "claim": claim,
        "families": held.family_count,
    }


def change_document(entry: JournalEntry) -> dict[str, object]:
    """A change as it is written."""
    return {
        "at": entry.at_seconds,
        "event": entry.event,
        "address": address_text(entry.family, entry.address),
        **_peer(entry.pool, entry.attachment, entry.holder, entry.rules_digest, entry.decision),
    }


def read_lease(value: object, span: Span) -> Held:
    """The lease of a line, its claim that of the export; `ManifestError` for anything else."""
    document = _checked(value, _LEASE, "lease", span)
    answer = _checked(document["answer"], _ANSWER, "lease.answer", span)
    family, number = _address(document["address"], "lease.address", span)
    if document["state"] not in (BOUND, KEPT, RESTING):
        raise _error(f"`{document['state']}` is no state of a lease", "lease.state", span)
    lease = Lease(
        family,
        number,
        document["pool"],
        document["state"],
        *_who(document),
        Answer(answer["address"], answer["gateway"], _routes(answer["routes"], span)),
        document["changedAt"],
        document["restsUntil"],
        document["rulesDigest"],
        document["decision"],
    )
    return Held(lease, document["claim"], document["families"], reserved=False)


def read_change(value: object, span: Span) -> JournalEntry:
    """The change of a line; `ManifestError` for anything else."""
    document = _checked(value, _CHANGE, "change", span)
    family, number = _address(document["address"], "change.address", span)
    if document["event"] not in EVENTS:
        raise _error(f"`{document['event']}` is no event of a journal", "change.event", span)
    attachment, holder = _who(document)
    return JournalEntry(
        document["at"],
        document["event"],
        family,
        number,
        document["pool"],
        attachment,
        holder,
        document["rulesDigest"],
        document["decision"],
    )


def _peer(
    pool: str, at: Attachment, holder: Holder, rules_digest: str, decision: str
) -> dict[str, object]:
    return {
        "pool": pool,
        "node": at.node,
        "network": at.network,
        "containerID": at.container_id,
        "interface": at.ifname,
        "namespace": holder.pod_namespace,
        "pod": holder.pod_name,
        "uid": holder.pod_uid,
        "tenant": holder.tenant,
        "rulesDigest": rules_digest,
        "decision": decision,
    }


def _who(document: Mapping[str, Any]) -> tuple[Attachment, Holder]:
    names = ("node", "network", "containerID", "interface")
    attachment = Attachment(*(document[name] for name in names))
    return attachment, Holder(*(document[name] for name in ("namespace", "pod", "uid", "tenant")))


def _routes(value: list[object], span: Span) -> tuple[tuple[str, str], ...]:
    routes = []
    for route in value:
        if not (isinstance(route, list) and len(route) == 2):
            raise _error("a route is a destination and a gateway", "lease.answer.routes", span)
        routes.append((str(route[0]), str(route[1])))
    return tuple(routes)


def _address(text: str, field: str, span: Span) -> tuple[int, int]:
    try:
        return parse_address(text)
    except RangeSyntaxError as error:
        raise ManifestError(str(error), error.hint, span, "invalid-address", field) from None


def _checked(value: object, fields: Mapping[str, type], field: str, span: Span) -> dict[str, Any]:
    """The value if it has exactly these fields of these types."""
    if not isinstance(value, dict):
        raise _error(f"`{field}` is to be an object", field, span, "wrong-type")
    for name, kind in fields.items():
        path = f"{field}.{name}"
        if name not in value:
            raise _error(f"`{path}` is missing", path, span, "missing-field")
        if not isinstance(value[name], kind) or isinstance(value[name], bool):
            raise _error(f"`{path}` is to be {_TYPES[kind]}", path, span, "wrong-type")
        if kind is int and not 0 <= value[name] < 1 << 63:
            raise _error(f"`{path}` is out of bounds", path, span)
    for name in value:
        if name not in fields:
            raise _error(f"there is no field `{field}.{name}`", field, span, "unknown-field")
    return value


def _error(message: str, field: str, span: Span, code: str = "invalid-value") -> ManifestError:
    return ManifestError(message, "export again, with the program that reads it", span, code, field)
