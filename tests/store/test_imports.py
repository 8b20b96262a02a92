"""What a CNI call may import: a handful of modules, and nothing that costs."""

from __future__ import annotations

from store.create import create_store
from tests.store.build import pool, write
from tests.store.processes import run

FORBIDDEN = {
    "pydantic",
    "lark",
    "netaddr",
    "click",
    "sqlite_utils",
    "yaml",
    "dataclasses",
    "typing",
    "ipaddress",
    "datetime",
    "sqlite3",
    "hashlib",
    "inspect",
    "pathlib",
    "contextlib",
    "logging",
    "argparse",
    "subprocess",
    "tempfile",
    "random",
    "urllib",
}
# `json` and `_sqlite3` bring these along, and nothing else is wanted.
ALLOWED = {
    "__future__",
    "_bisect",
    "_collections",
    "_functools",
    "_heapq",
    "_json",
    "_operator",
    "_sqlite3",
    "_sre",
    "_struct",
    "_weakrefset",
    "collections",
    "copyreg",
    "enum",
    "functools",
    "itertools",
    "json",
    "keyword",
    "operator",
    "os",
    "posixpath",
    "genericpath",
    "re",
    "reprlib",
    "stat",
    "_stat",
    "types",
    "_collections_abc",
    "abc",
    "_abc",
}
OWN = {"model", "store"}

CALL = """
before = {name.split(".")[0] for name in sys.modules}
from store.store import open_store
from model.leases import Attachment, Claim, FamilyClaim, Holder, PoolChoice, Release, TakeOver
with open_store(sys.argv[1]) as store:
    store.settings.require_node("node1")
    store.settings.get("cluster_network")
    place, holder = Attachment("node1", "net", "c1", "eth0"), Holder("shop", "web-1", "u1", "t")
    assert store.leases.by_attachment(place) == []
    store.leases.execute([TakeOver(place, holder)], 1)
    store.facts.pod("shop", "web-1", "")
    store.facts.namespace("shop")
    store.facts.node("node1")
    digest = store.pools.rules_digest()
    (pool,) = store.pools.serving_default(4)
    choice = PoolChoice(pool.rules.name, pool.prefix_bits)
    claim = Claim(place, holder, [FamilyClaim(4, [choice])], digest)
    print(store.leases.execute([claim], 1)[0].leases[0].answer.address)
    store.leases.execute([Release(place)], 2)
print(*sorted({name.split(".")[0] for name in sys.modules} - before))
print(*sorted(name for name in sys.modules if name.startswith("store.")))
"""


def test_a_call_imports_next_to_nothing(path: str) -> None:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1", default=True))
    output = run(CALL, path, flags=("-I", "-S", "-B"))
    address, modules, own = (line.split() for line in output.splitlines())
    assert address == ["10.0.0.1/8"]
    assert FORBIDDEN & set(modules) == set()
    assert set(modules) - ALLOWED == OWN
    assert own == [
        f"store.{name}"
        for name in (
            "bitmap",
            "bits",
            "claim",
            "database",
            "facts",
            "lease_changes",
            "lease_rows",
            "leases",
            "open_ranges",
            "pool_rows",
            "pools",
            "settings",
            "store",
            "turns",
        )
    ]
