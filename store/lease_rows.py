"""Leases between rows of the table and records, and the queries that find them."""

from __future__ import annotations

from model.addresses import address_from_bytes
from model.fast_json import dumps, loads
from model.leases import Answer, Attachment, Holder, Lease

TYPE_CHECKING = False
if TYPE_CHECKING:
    from store.database import Database, Row, Values

COLUMNS = (
    "family, address, pool, state, node, network, container_id, ifname, pod_namespace, pod_name, "
    "pod_uid, tenant, answer, changed_at, rests_until, rules_digest, decision, revision"
)
# Three more that the record does not show.
MORE_COLUMNS = "claim, family_count, reserved"
_SELECT = f"SELECT {COLUMNS}, {MORE_COLUMNS} FROM lease WHERE "
BY_ATTACHMENT = (
    f"{_SELECT} container_id = ? AND ifname = ? AND network = ? AND node = ? AND state = 'bound' "
    "ORDER BY family"
)
BY_TENANT = f"{_SELECT} tenant = ? AND tenant <> '' ORDER BY family, address"
BY_POOL = f"{_SELECT} pool = ? ORDER BY address"
BY_POD = (
    f"{_SELECT} pod_namespace = ? AND pod_name = ? AND state <> 'resting' ORDER BY family, address"
)
# Looks at every bound lease, in the index alone: GC is rare, and another index costs each claim.
BY_NETWORK = (
    f"{_SELECT} rowid IN (SELECT rowid FROM lease INDEXED BY lease_by_attachment "
    "WHERE state = 'bound' AND network = ? AND node = ?) ORDER BY family, address"
)
KEPT = f"{_SELECT} state = 'kept' ORDER BY tenant, family, address"
BY_ADDRESS = f"{_SELECT} family = ? AND address = ?"
HELD_IN_POOL = f"{_SELECT} pool = ? AND state IN ('bound', 'kept') ORDER BY state, address LIMIT ?"
HELD_WITHIN = (
    f"{_SELECT} family = ? AND address BETWEEN ? AND ? AND state <> 'resting' "
    "ORDER BY address LIMIT ?"
)
RESTING_WITHIN = f"{_SELECT} family = ? AND address BETWEEN ? AND ? AND state = 'resting'"
RESTING_IN_POOL = f"{_SELECT} pool = ? AND state = 'resting' ORDER BY rests_until, address"
RESTED = (
    f"{_SELECT} pool = ? AND state = 'resting' AND rests_until <= ? "
    "ORDER BY rests_until, address LIMIT ?"
)
LONGEST_RESTING = (
    f"{_SELECT} pool = ? AND state = 'resting' AND NOT reserved "
    "ORDER BY rests_until, address LIMIT 1"
)


class Held:
    """A lease as the store holds it: the record, and what the record does not show.

    `claim` is one number for all leases of one claim, of which there were `family_count`;
    `reserved` says whether a SpiderReservedIP holds the address by now.
    """

    __slots__ = ("claim", "family_count", "lease", "reserved")

    def __init__(self, lease: Lease, claim: int, family_count: int, reserved: bool) -> None:
        self.lease = lease
        self.claim = claim
        self.family_count = family_count
        self.reserved = reserved


def find(database: Database, query: str, values: Values) -> list[Held]:
    """What one of the queries above finds."""
    return [_held(row) for row in database.rows(query, values)]


def bound_to(database: Database, attachment: Attachment) -> list[Held]:
    """The bound leases of an attachment, IPv4 first."""
    values = (attachment.container_id, attachment.ifname, attachment.network, attachment.node)
    return find(database, BY_ATTACHMENT, values)


def held_by_tenant(database: Database, tenant: str) -> list[Held]:
    """What a take-over would rebind: the leases of one claim, whole, IPv4 first.

    A tenant may have left several behind; a bound one comes before a kept one before a resting
    one, and the latest first among those. A claim of which one family was given on to others
    meanwhile, or rests and was reserved, is not offered: an interface has all its families or none.
    """
    claims: dict[int, list[Held]] = {}
    for held in find(database, BY_TENANT, (tenant,)):
        claims.setdefault(held.claim, []).append(held)
    whole = [
        claim
        for claim in claims.values()
        if len(claim) == claim[0].family_count
        and not any(held.reserved and held.lease.state == "resting" for held in claim)
    ]
    return max(whole, key=_preference, default=[])


def _preference(claim: list[Held]) -> tuple[int, int]:
    order = min(("resting", "kept", "bound").index(held.lease.state) for held in claim)
    return order, int(claim[0].lease.revision)  # revisions grow with every change


def _held(row: Row) -> Held:
    try:
        family, number = address_from_bytes(row[1])
        lease = Lease(
            family,
            number,
            row[2],
            row[3],
            Attachment(row[4], row[5], row[6], row[7]),
            Holder(row[8], row[9], row[10], row[11]),
            answer_from_text(row[12]),
            row[13],
            row[14],
            row[15],
            row[16],
            str(row[17]),
        )
        return Held(lease, row[18], row[19], bool(row[20]))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        from store.failures import unreadable  # noqa: PLC0415 - costs nothing until then

        raise unreadable("a lease") from error


def answer_text(answer: Answer) -> str:
    """The JSON text of an answer."""
    routes = [[destination, gateway] for destination, gateway in answer.routes]
    return dumps({"address": answer.address, "gateway": answer.gateway, "routes": routes})


def answer_from_text(text: str) -> Answer:
    """The answer that `answer_text` wrote."""
    value = loads(text)
    routes = tuple((destination, gateway) for destination, gateway in value["routes"])
    return Answer(value["address"], value["gateway"], routes)
