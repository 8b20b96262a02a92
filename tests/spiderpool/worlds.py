"""The world of one case: manifests into a store of its own, then the program's own verbs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ipam.allocate import Allocation, allocate
from ipam.apply import apply
from ipam.explain import explain
from ipam.release import release
from ipam.request import Request
from model.addresses import address_text
from model.decisions import Candidate, Decision
from model.errors import InvalidManifestsError, ManifestError, PoolweaverError
from model.leases import BOUND, Attachment, Lease
from store.create import create_store
from store.store import Store, open_store

GROUP = "spiderpool.spidernet.io/v2beta1"
PREFIX = "ipam.spidernet.io/"
# What the cases say of a pool beside its spec.
NOT_SPEC = (
    "name",
    "labels",
    "skipDefault",
    "allocatedIPs",
    "labelled",
    "owner",
    "deleting",
    "finalizers",
    "kind",
)

Manifest = dict[str, Any]


def manifest(kind: str, name: str, api_version: str = "v1", **rest: Any) -> Manifest:
    """An object; `metadata` is merged with the name, the rest stands beside it.

    The name in lower case: some cases have names that no API server would take.
    """
    metadata = {"name": name.lower(), **rest.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def pool(written: Mapping[str, Any], name: str = "p", **defaults: Any) -> Manifest:
    """The SpiderIPPool that a case writes as its spec, with a name among the fields."""
    spec = {field: value for field, value in written.items() if field not in NOT_SPEC}
    metadata = {"labels": written["labels"]} if "labels" in written else {}
    if "owner" in written:
        owner = {"apiVersion": GROUP, "kind": "SpiderSubnet", "name": written["owner"], "uid": "s"}
        metadata["ownerReferences"] = [{**owner, "controller": True}]
    return manifest(
        "SpiderIPPool",
        written.get("name", name),
        GROUP,
        metadata=metadata,
        spec={**defaults, **spec},
    )


def reserved(*ranges: str, name: str = "r") -> Manifest:
    """A SpiderReservedIP."""
    return manifest("SpiderReservedIP", name, GROUP, spec={"ips": list(ranges)})


def namespace(name: str, labels: Mapping[str, str] | None = None, **annotations: str) -> Manifest:
    """A Namespace; annotations are named without their prefix, `-` written as `_`."""
    keyed = {PREFIX + key.replace("_", "-"): text for key, text in annotations.items()}
    return manifest(
        "Namespace", name, metadata={"labels": dict(labels or {}), "annotations": keyed}
    )


def node(name: str, labels: Mapping[str, str] | None = None) -> Manifest:
    """A Node."""
    return manifest("Node", name, metadata={"labels": dict(labels or {})})


def pod(
    name: str = "p",
    space: str = "default",
    uid: str = "",
    pools: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    owner: Mapping[str, str] | None = None,
    node_name: str = "node1",
    **rest: Any,
) -> Manifest:
    """A Pod; `pools` (of either family, by a `:` in their subnet) are named in its annotation."""
    keyed = dict(annotations or {})
    if pools is not None:
        keyed[PREFIX + "ippool"] = json.dumps({"ipv4": list(pools)})
    metadata: dict[str, Any] = {
        "namespace": space,
        "labels": dict(labels or {}),
        "annotations": keyed,
        **rest.pop("metadata", {}),
    }
    if uid:
        metadata["uid"] = uid
    if owner:
        metadata["ownerReferences"] = [{"apiVersion": "v1", **owner, "controller": True}]
    spec = {"nodeName": node_name, **rest.pop("spec", {})}
    return manifest("Pod", name, metadata=metadata, spec=spec, **rest)


class World:
    """A store, empty unless the file is there; each act is a second later than the one before."""

    def __init__(self, folder: Path, file: str = "ipam.db") -> None:
        self.path = folder / file
        self.store: Store = create_store(self.path)
        self.now_seconds = 1_700_000_000

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def tick(self, seconds: int = 1) -> int:
        """A later time."""
        self.now_seconds += seconds
        return self.now_seconds

    def apply(self, *manifests: Manifest) -> None:
        """All of them, or `InvalidManifestsError`."""
        data = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
        apply(self.store, [("case.json", data.encode())], self.tick())

    def complaints(self, *manifests: Manifest) -> tuple[ManifestError, ...]:
        """Why they were not applied; none where they were."""
        try:
            self.apply(*manifests)
        except InvalidManifestsError as error:
            return error.errors
        return ()

    def setting(self, key: str, value: object) -> None:
        """Set it, where the case says so (None: it does not)."""
        if value is not None:
            self.store.settings.set(key, value)  # type: ignore[arg-type]

    def request(
        self,
        name: str = "p",
        space: str = "default",
        uid: str = "",
        sandbox: str = "c1",
        nic: str = "eth0",
        cni: Mapping[int, Sequence[str]] | None = None,
    ) -> Request:
        """What a CNI call for this Pod asks on node1."""
        return Request(Attachment("node1", "net0", sandbox, nic), space, name.lower(), uid, cni)

    def explain(self, request: Request) -> Decision:
        """The explanation, claiming nothing."""
        return explain(self.store, request, self.tick())

    def allocate(self, request: Request) -> Allocation:
        """ADD."""
        return allocate(self.store, request, self.tick())

    def try_to_allocate(self, request: Request) -> tuple[Sequence[Lease], str | None]:
        """(leases, None), or (none, the code of the error)."""
        try:
            return self.allocate(request).leases, None
        except PoolweaverError as error:
            return (), error.code

    def release(self, request: Request) -> Sequence[Lease]:
        """DEL."""
        return release(self.store, request.attachment, self.tick())

    def held(self, *pools: str) -> dict[str, str]:
        """Address to the UID it is bound for, of these pools (all: none named)."""
        names = pools or tuple(record.name for record in self.store.pools.list())
        return {
            address_text(lease.family, lease.address): lease.holder.pod_uid
            for name in names
            for lease in self.store.leases.by_pool(name)
            if lease.state == BOUND
        }

    @contextmanager
    def another_writer(self) -> Iterator[None]:
        """Somebody else holds the write lock; this world's store does not wait for it long."""
        self.store.close()
        self.store = open_store(str(self.path), busy_seconds=0.05)
        with open_store(str(self.path)) as other, other.database.transaction():
            yield


def candidates(decision: Decision, family: int = 4) -> list[Candidate]:
    """The candidates of one family; none where the family was not asked."""
    found = [one.candidates for one in decision.families if one.family == family]
    return list(found[0]) if found else []
