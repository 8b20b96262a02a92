"""What is known about a Pod, its Namespace, its Node and its interface, in sections.

A section is either known (with provenance) or `Unknown` (with the reason). Names are always known
to the caller; labels and annotations are known only with the section. A missing label is the value
`None` of a known section, never an error.
"""

from __future__ import annotations

from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


# `PodFacts.ended` of a Pod that gets no address any more, yet may still use the one it has.
BEING_DELETED = "it is being deleted"
# `Seen.source` of what somebody confirms again and again, and that is unknown once nobody does.
WATCHED = "watch"
# How the `Unknown.reason` of such a thing begins, and what to do about it.
WATCH_BEHIND = "the watch is behind"
MEND_WATCH = "see why the watch is behind, or raise `--max-fact-age`"


class Seen(Record):
    """Where a section came from.

    `revision` is opaque; `source` is `store`, `cni`, `file` or `WATCHED`; `at_seconds` is UTC
    seconds since the epoch, 0 for a file, and for a watch the last time that it was confirmed.
    """

    __slots__ = ("at_seconds", "revision", "source")

    def __init__(self, revision: str, source: str, at_seconds: int) -> None:
        self.revision = revision
        self.source = source
        self.at_seconds = at_seconds


class Unknown(Record):
    """A section that is not known. `what` names it (`pod shop/web-1`), `hint` how to supply it."""

    __slots__ = ("hint", "reason", "what")

    def __init__(self, what: str, reason: str, hint: str) -> None:
        self.what = what
        self.reason = reason
        self.hint = hint


class PodFacts(Record):
    """A Pod as rules see it. `owner_*` is its controller (`metadata.ownerReferences`), or empty.

    `name` is empty for a CNI call that is no Pod. `ended` says why the Pod gets no address any more
    (it has terminated, or is `BEING_DELETED`), and is empty for a live one.
    `phase` is `status.phase`, or empty.
    """

    __slots__ = (
        "annotations",
        "ended",
        "labels",
        "name",
        "namespace",
        "node_name",
        "owner_kind",
        "owner_name",
        "phase",
        "seen",
        "uid",
    )

    def __init__(
        self,
        namespace: str,
        name: str,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        uid: str = "",
        owner_kind: str = "",
        owner_name: str = "",
        node_name: str = "",
        ended: str = "",
        seen: Seen | None = None,
        phase: str = "",
    ) -> None:
        self.phase = phase
        self.namespace = namespace
        self.name = name
        self.labels = labels
        self.annotations = annotations
        self.uid = uid
        self.owner_kind = owner_kind
        self.owner_name = owner_name
        self.node_name = node_name
        self.ended = ended
        self.seen = seen


class NamespaceFacts(Record):
    """A Namespace as rules see it."""

    __slots__ = ("annotations", "labels", "name", "seen")

    def __init__(
        self,
        name: str,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        seen: Seen | None = None,
    ) -> None:
        self.name = name
        self.labels = labels
        self.annotations = annotations
        self.seen = seen


class NodeFacts(Record):
    """A Node as rules see it."""

    __slots__ = ("labels", "name", "seen")

    def __init__(self, name: str, labels: Mapping[str, str], seen: Seen | None = None) -> None:
        self.name = name
        self.labels = labels
        self.seen = seen


class Facts(Record):
    """All that one decision may look at.

    `pod_namespace`, `pod_name` and `node_name` come from the caller and are known even where the
    section is not. `nic` is the interface (`CNI_IFNAME`). `cluster_network` and
    `install_namespace` are the settings that name the interface's network (design section 4).
    """

    __slots__ = (
        "cluster_network",
        "install_namespace",
        "namespace",
        "nic",
        "node",
        "node_name",
        "pod",
        "pod_name",
        "pod_namespace",
    )

    def __init__(
        self,
        pod_namespace: str,
        pod_name: str,
        node_name: str,
        nic: str,
        pod: PodFacts | Unknown,
        namespace: NamespaceFacts | Unknown,
        node: NodeFacts | Unknown,
        cluster_network: str = "",
        install_namespace: str = "kube-system",
    ) -> None:
        self.pod_namespace = pod_namespace
        self.pod_name = pod_name
        self.node_name = node_name
        self.nic = nic
        self.pod = pod
        self.namespace = namespace
        self.node = node
        self.cluster_network = cluster_network
        self.install_namespace = install_namespace

    @property
    def pod_text(self) -> str:
        """`namespace/name`, or empty where there is no Pod."""
        return f"{self.pod_namespace}/{self.pod_name}" if self.pod_name else ""
