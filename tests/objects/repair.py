"""What a crash or a lost answer leaves behind: found from the objects alone, and mended."""

from __future__ import annotations

from tests.objects.api import FakeApi
from tests.objects.claims import BINDING, DONE, bound_leases, leases_of, standing
from tests.objects.codec import record_of
from tests.objects.ledger import Ledger, claim_of
from tests.objects.names import ADDRESS, CLAIM, POINTER, address_name, attachment_name
from tests.objects.operations import BINDING_SECONDS


def repair(ledger: Ledger, now_seconds: int) -> None:
    """Brings every claim to its end, and removes what belongs to none.

    May run at any time, beside anything, and be cut off anywhere. A claim that is binding is left
    alone for `BINDING_SECONDS`.
    """
    for name, claim in ledger.all().items():
        if claim.state == DONE:
            ledger.settle(name)
            ledger.finish(name)
        elif claim.state != BINDING or claim.began_at_seconds + BINDING_SECONDS <= now_seconds:
            ledger.abort(name)
    for found in ledger.client.list(ADDRESS):
        ledger.drop_orphan(found)
    for found in ledger.client.list(POINTER):
        ledger.unpoint(record_of(found.text).attachment)


def loose_ends(api: FakeApi) -> list[str]:
    """What no claim at rest would leave: each as one line; none after `repair`."""
    claims = {one.name: claim_of(one) for one in api.list(CLAIM)}
    ends = [
        f"claim {name} is {claim.state}, locked by `{claim.lock}`, with {len(claim.effects)} effects"
        for name, claim in claims.items()
        if claim.state != DONE or not claim.leases or claim.lock or claim.effects or claim.journal
    ]
    addresses = {one.name: record_of(one.text) for one in api.list(ADDRESS)}
    held = {
        address_name(one.family, one.address): name for name, one in leases_of(standing(claims))
    }
    ends += [
        f"address {one} is of {addresses.get(one)}, not {held.get(one)}"
        for one in sorted(addresses.keys() | held.keys())
        if addresses.get(one) != held.get(one)
    ]
    bound = {
        attachment_name(one.attachment): name
        for name, one in leases_of(standing(claims))
        if bound_leases(claims[name], one.attachment)
    }
    pointers = {one.name: record_of(one.text).claim for one in api.list(POINTER)}
    if pointers != bound:
        ends.append(f"attachments name {pointers}, not {bound}")
    return ends
