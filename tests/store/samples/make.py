"""Makes the sample of the present schema: `python -m tests.store.samples.make`.

To be run before a step is added to store/migrations, and never again for that schema: a sample is
what the program of its day wrote. It writes two files: `schema-N.db.gz`, a store, and
`schema-N.json`, all that was read from it.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ipam.apply import apply
from model.addresses import address_text
from model.leases import (
    Attachment,
    Claim,
    FamilyClaim,
    Holder,
    PoolChoice,
    Release,
    TakeOver,
    pod_tenant,
    stateful_set_tenant,
)
from model.record import Record
from model.sightings import Sighting
from store.create import create_store
from store.database import SCHEMA_NUMBER
from store.store import Store

if TYPE_CHECKING:
    from model.leases import Operation

FOLDER = Path(__file__).parent
NOW = 1_700_000_000
KINDS = (
    "SpiderReservedIP",
    "Namespace",
    "Node",
    "Pod",
    "StatefulSet",
    "NetworkAttachmentDefinition",
)


def make() -> None:
    """Writes the two files of the present schema."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ipam.db"
        with create_store(path) as store:
            _fill(store)
            _forget_the_clock(store)
            told = contents(store)
        data = gzip.compress(path.read_bytes(), mtime=0)
    (FOLDER / f"schema-{SCHEMA_NUMBER}.db.gz").write_bytes(data)
    text = json.dumps(told, indent=1, sort_keys=True)
    (FOLDER / f"schema-{SCHEMA_NUMBER}.json").write_text(text + "\n", encoding="utf-8")


def contents(store: Store) -> dict[str, object]:
    """All that can be read through the parts of a store, as JSON has it."""
    names = [pool.name for pool in store.pools.list()]
    leases = [lease for name in names for lease in store.leases.by_pool(name)]
    seen = [(lease.family, lease.address) for lease in leases]
    value = {
        "settings": store.settings.all(),
        "node": store.settings.bound_node(),
        "rules digest": store.pools.rules_digest(),
        "pools": store.pools.list(),
        "usage": store.pools.usage(names),
        "objects": [one for kind in KINDS for one in store.objects.list(kind)],
        "facts": [
            store.facts.pod("shop", "web-1", ""),
            store.facts.namespace("shop"),
            store.facts.node("node1"),
        ],
        "leases": leases,
        "journal": {address_text(*key): store.journal.of_address(*key) for key in seen},
        "sightings": store.sightings.list(),
    }
    told = json.loads(json.dumps(_plain(value)))
    assert isinstance(told, dict)
    return told


def _plain(value: object) -> object:
    if isinstance(value, Record):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.hex() if isinstance(value, bytes) else value


def _fill(store: Store) -> None:
    texts = [("cluster.yaml", (FOLDER / "cluster.yaml").read_bytes())]
    apply(store, texts, NOW)
    store.settings.set("cluster_network", "kube-system/macvlan-ens192")
    store.settings.set("quarantine_seconds", 120)
    store.settings.require_node("node1")
    digest = store.pools.rules_digest()
    for seconds, operation in enumerate(_life(digest)):
        store.leases.execute([operation], NOW + seconds)
    lease = store.leases.by_pool("web-v4")[0]
    sighting = Sighting(lease.family, lease.address, lease.revision, NOW + 60)
    store.sightings.update([sighting], [])
    # The pool that all this was decided by changes: its rules have another digest now.
    text = texts[0][1].replace(b'"7"', b'"8"')
    apply(store, [("cluster.yaml", text)], NOW + 90)


def _life(digest: str) -> Iterable[Operation]:
    """Leases in every state, and a journal with every event."""
    web = _pod("web-1", "u1")
    both = (_wanted(4, "web-v4", 16, "10.6.0.1"), _wanted(6, "web-v6", 64))
    yield Claim(_at("c1"), web, both, digest)
    yield TakeOver(_at("c2"), web)
    one = (_wanted(4, "default-v4", 24),)
    for number in range(3):
        yield Claim(_at(f"short-{number}"), _pod(f"job-{number}", f"j{number}"), one, digest)
    yield Release(_at("short-0"))
    yield Claim(_at("short-3"), _pod("job-3", ""), one, digest)  # takes what rests
    yield Release(_at("short-1"))
    tenant = stateful_set_tenant("shop", "db", "db-0", "eth0")
    stateful = Holder("shop", "db-0", "s0", tenant)
    yield Claim(_at("db"), stateful, (_wanted(4, "web-v4", 16),), digest)
    yield Release(_at("db"), keep=True)
    bare = Attachment("node1", "podman", "f00d", "eth0")
    yield Claim(bare, Holder(), (_wanted(4, "web-v4", 16),), digest)
    yield Claim(_at("gone"), _pod("gone", "g"), (_wanted(6, "web-v6", 64),), digest)


def _at(container: str) -> Attachment:
    return Attachment("node1", "macvlan-ens192", container, "eth0")


def _pod(name: str, uid: str) -> Holder:
    return Holder("shop", name, uid, pod_tenant("shop", name, uid, "eth0") if uid else "")


def _wanted(family: int, pool: str, prefix_bits: int, gateway: str = "") -> FamilyClaim:
    routes = (("172.16.0.0/12", "10.6.0.2"),) if gateway else ()
    reason = f"{pool}: podAffinity, namespaceAffinity"
    return FamilyClaim(family, [PoolChoice(pool, prefix_bits, gateway, routes, reason)])


def _forget_the_clock(store: Store) -> None:
    """The only thing in a store that no caller passes in: when each step was taken."""
    store.database.run("UPDATE _sqlite_migrations SET applied_at = '2023-11-14 22:13:20+00:00'")


if __name__ == "__main__":
    make()
