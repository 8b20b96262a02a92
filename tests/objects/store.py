"""One door to a store on objects: all that the Protocols ask for."""

from __future__ import annotations

from collections.abc import Sequence

from model.addresses import address_bytes
from model.facts import NamespaceFacts, NodeFacts, PodFacts, Seen, Unknown
from model.facts_json import namespace_from_json, node_from_json, pod_from_json
from model.naming import natural_key
from model.pools import ObjectRecord
from model.sightings import Sighting
from tests.objects.api import Api
from tests.objects.client import Client
from tests.objects.codec import record_of
from tests.objects.journal import ObjectJournal
from tests.objects.leases import ObjectLeases
from tests.objects.ledger import Ledger, busy
from tests.objects.names import APPLIED, SIGHTING, address_name, applied_name
from tests.objects.pools import ObjectPools
from tests.objects.writer import ObjectPoolWriter

REST_SECONDS = 60


class ObjectStore:
    """A store on an object API, as one client that bears a name nobody else ever bore."""

    def __init__(self, api: Api, name: str) -> None:
        self.ledger = Ledger(Client(api, name))
        self.pools = ObjectPools(self.ledger)
        self.leases = ObjectLeases(self.ledger, REST_SECONDS)
        self.writer = ObjectPoolWriter(self.ledger, REST_SECONDS)
        self.objects = ObjectObjects(self.ledger.client)
        self.facts = ObjectFacts(self.objects)
        self.journal = ObjectJournal(self.ledger)
        self.sightings = ObjectSightings(self.ledger.client)


class ObjectObjects:
    """The Protocol `Objects`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, kind: str, namespace: str, name: str) -> ObjectRecord | None:
        """One object."""
        found = self._client.get(APPLIED, applied_name(kind, namespace, name))
        record: ObjectRecord | None = record_of(found.text) if found else None
        return record

    def list(self, kind: str, namespace: str | None = None) -> list[ObjectRecord]:
        """All objects of a kind, of one namespace or of all (None), in natural order."""
        found: list[ObjectRecord] = [record_of(one.text) for one in self._client.list(APPLIED)]
        return sorted(
            (one for one in found if one.kind == kind and namespace in (None, one.namespace)),
            key=lambda one: (natural_key(one.namespace), natural_key(one.name)),
        )


class ObjectFacts:
    """The Protocol `FactSource`."""

    def __init__(self, objects: ObjectObjects) -> None:
        self._objects = objects

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        """The Pod; Unknown too where its UID is stored, `uid` is given, and they differ."""
        found = self._objects.get("Pod", namespace, name)
        what = f"pod {namespace}/{name}"
        if found is None:
            return _unknown(what, f"the store knows no Pod `{namespace}/{name}`", "pod")
        if uid and found.uid and uid != found.uid:
            reason = (
                f"the store knows the Pod `{namespace}/{name}` with UID `{found.uid}`, "
                f"and this one has UID `{uid}`"
            )
            return _unknown(what, reason, "pod")
        return pod_from_json(found.facts, _seen(found))

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        """The Namespace."""
        found = self._objects.get("Namespace", "", name)
        if found is None:
            reason = f"the store knows no Namespace `{name}`"
            return _unknown(f"namespace {name}", reason, "namespace")
        return namespace_from_json(found.facts, _seen(found))

    def node(self, name: str) -> NodeFacts | Unknown:
        """The Node."""
        found = self._objects.get("Node", "", name)
        if found is None:
            return _unknown(f"node {name}", f"the store knows no Node `{name}`", "node")
        return node_from_json(found.facts, _seen(found))


def _seen(found: ObjectRecord) -> Seen:
    return Seen(found.revision, "store", found.seen_at_seconds)


def _unknown(what: str, reason: str, kind: str) -> Unknown:
    return Unknown(what, reason, f"apply it: `poolweaver apply -f {kind}.yaml`")


class ObjectSightings:
    """The Protocol `Sightings`: an object an address."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(self) -> list[Sighting]:
        """All sightings, by family and address."""
        found: list[Sighting] = [record_of(one.text) for one in self._client.list(SIGHTING)]
        return sorted(found, key=lambda one: (one.family, address_bytes(one.family, one.address)))

    def update(self, seen: Sequence[Sighting], gone: Sequence[Sighting]) -> None:
        """Adds `seen`, each in place of another of its address, and forgets `gone`."""
        for one in gone:
            found = self._client.get(SIGHTING, address_name(one.family, one.address))
            if found and record_of(found.text).revision == one.revision:
                self._client.delete(found)
        for one in seen:
            name = address_name(one.family, one.address)
            found = self._client.get(SIGHTING, name)
            if self._client.put(SIGHTING, name, found, one) is None:
                raise busy()
