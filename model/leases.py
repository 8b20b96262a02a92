"""Leases: who holds which address, and the operations that change that.

    attachment  who may release    (node, CNI network name, container id, interface)
    tenant      who may take over  (a Pod by UID, or a StatefulSet's Pod, and the interface)

    bound    an attachment has it
    kept     a StatefulSet's Pod between two sandboxes has it: nobody else may, and it has no end
    resting  let go of: its last tenant may take it back until somebody else gets it or reserves it

An operation goes into `Leases.execute`, an outcome comes out. "None left" is an outcome, not an
error: the layer that has the request makes it one.
"""

from __future__ import annotations

from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.rules import Route

BOUND, KEPT, RESTING = "bound", "kept", "resting"

# The CNI network name of an attachment that another IPAM made; its container id is the Pod's UID.
IMPORTED = "imported"


class Attachment(Record):
    """One interface of one sandbox, as CNI names it."""

    __slots__ = ("container_id", "ifname", "network", "node")

    def __init__(self, node: str, network: str, container_id: str, ifname: str) -> None:
        self.node = node
        self.network = network
        self.container_id = container_id
        self.ifname = ifname


class Holder(Record):
    """For whom an address is held: the Pod behind an attachment, and its tenant.

    `tenant` is empty where nobody may take over (no `K8S_POD_UID` was sent); else it is the text
    of `pod_tenant` or `stateful_set_tenant`. All three others are empty for a call without a Pod.
    """

    __slots__ = ("pod_name", "pod_namespace", "pod_uid", "tenant")

    def __init__(
        self, pod_namespace: str = "", pod_name: str = "", pod_uid: str = "", tenant: str = ""
    ) -> None:
        self.pod_namespace = pod_namespace
        self.pod_name = pod_name
        self.pod_uid = pod_uid
        self.tenant = tenant

    @property
    def pod_text(self) -> str:
        """`namespace/name`, or empty where there is no Pod."""
        return f"{self.pod_namespace}/{self.pod_name}" if self.pod_name else ""


def pod_tenant(namespace: str, pod: str, uid: str, ifname: str) -> str:
    """The tenant of a Pod known by UID; unambiguous, as Kubernetes names hold no `/`."""
    return f"pod/{namespace}/{pod}/{uid}/{ifname}"


def stateful_set_tenant(namespace: str, stateful_set: str, pod: str, ifname: str) -> str:
    """The tenant of a StatefulSet's Pod, across UIDs."""
    return f"statefulset/{namespace}/{stateful_set}/{pod}/{ifname}"


def stateful_set_of(tenant: str) -> tuple[str, str, str] | None:
    """(namespace, StatefulSet, Pod) of a `stateful_set_tenant`; None for any other tenant."""
    parts = tenant.split("/")
    if parts[0] != "statefulset":
        return None
    return parts[1], parts[2], parts[3]


class Answer(Record):
    """What the CNI caller was told: `address` with prefix length, `gateway` or empty, routes."""

    __slots__ = ("address", "gateway", "routes")

    def __init__(self, address: str, gateway: str, routes: Sequence[Route]) -> None:
        self.address = address
        self.gateway = gateway
        self.routes = routes


class Lease(Record):
    """One address held. Times are UTC seconds since the epoch.

    `state` is `bound`, `kept` or `resting`; a resting lease may be given to others from
    `rests_until_seconds` on. `decision` is the short form of why this pool was chosen.
    """

    __slots__ = (
        "address",
        "answer",
        "attachment",
        "changed_at_seconds",
        "decision",
        "family",
        "holder",
        "pool",
        "rests_until_seconds",
        "revision",
        "rules_digest",
        "state",
    )

    def __init__(
        self,
        family: int,
        address: int,
        pool: str,
        state: str,
        attachment: Attachment,
        holder: Holder,
        answer: Answer,
        changed_at_seconds: int,
        rests_until_seconds: int = 0,
        rules_digest: str = "",
        decision: str = "",
        revision: str = "",
    ) -> None:
        self.family = family
        self.address = address
        self.pool = pool
        self.state = state
        self.attachment = attachment
        self.holder = holder
        self.answer = answer
        self.changed_at_seconds = changed_at_seconds
        self.rests_until_seconds = rests_until_seconds
        self.rules_digest = rules_digest
        self.decision = decision
        self.revision = revision

    @property
    def holder_text(self) -> str:
        """Who has the address, for people: the Pod, else the container."""
        return self.holder.pod_text or f"container {self.attachment.container_id}"


class PoolChoice(Record):
    """A pool to try, what the answer says besides the address, and why the pool may be used.

    `reason` is one line, kept with the lease and in the journal.
    """

    __slots__ = ("gateway", "pool", "prefix_bits", "reason", "routes")

    def __init__(
        self,
        pool: str,
        prefix_bits: int,
        gateway: str = "",
        routes: Sequence[Route] = (),
        reason: str = "",
    ) -> None:
        self.reason = reason
        self.pool = pool
        self.prefix_bits = prefix_bits
        self.gateway = gateway
        self.routes = routes


class FamilyClaim(Record):
    """The pools of one family, best first. `address` asks for that one (None: the lowest free)."""

    __slots__ = ("address", "choices", "family")

    def __init__(
        self, family: int, choices: Sequence[PoolChoice], address: int | None = None
    ) -> None:
        self.family = family
        self.choices = choices
        self.address = address


class Claim(Record):
    """Bind one address of each family, or none at all.

    First lets go of `letting_go`, as `LetGo` does and for `reason`, so that the claim may find what
    they held; only together with the new leases. Gives `Existing` if the attachment already holds
    leases, `Stale` if the digest of the store's rules is not `rules_digest` any more or one of
    `letting_go` changed, `NoneLeft` if a family's pools are all full, else `Claimed`. Whatever is
    not `Claimed` changed nothing. `evidence` is what the decision looked at, for a store to keep
    with the leases; opaque text, which changes nothing about the outcome. Empty: nothing to keep.
    """

    __slots__ = (
        "attachment",
        "evidence",
        "families",
        "holder",
        "letting_go",
        "reason",
        "rules_digest",
    )

    def __init__(
        self,
        attachment: Attachment,
        holder: Holder,
        families: Sequence[FamilyClaim],
        rules_digest: str,
        letting_go: Sequence[Lease] = (),
        reason: str = "",
        evidence: str = "",
    ) -> None:
        self.evidence = evidence
        self.attachment = attachment
        self.holder = holder
        self.families = families
        self.rules_digest = rules_digest
        self.letting_go = letting_go
        self.reason = reason


class TakeOver(Record):
    """Rebind what `holder.tenant` holds, bound, kept or resting, to a new attachment.

    Not what rests and is reserved by now, nor the other families of the same claim.
    Gives `Existing` with the rebound leases (their answers unchanged), or `NothingHeld`, or `Stale`
    where `if_revisions` is given and these are not the revisions of what would be rebound, in its
    order. An attachment that holds leases already gets those, whatever the tenant has.
    """

    __slots__ = ("attachment", "holder", "if_revisions")

    def __init__(
        self, attachment: Attachment, holder: Holder, if_revisions: Sequence[str] | None = None
    ) -> None:
        self.attachment = attachment
        self.holder = holder
        self.if_revisions = if_revisions


class Release(Record):
    """Let go of what this attachment holds, and of nothing else.

    With `keep` the leases become kept, not resting; one without a tenant, to whom nobody could
    come back, rests all the same. Gives `Released`, with no leases if there were none: releasing
    twice is a no-op.
    """

    __slots__ = ("attachment", "keep")

    def __init__(self, attachment: Attachment, keep: bool = False) -> None:
        self.attachment = attachment
        self.keep = keep


class LetGo(Record):
    """Let go of these leases, whoever holds them, if none of them changed since it was read.

    `leases` are named by address and revision. `reason` is one line for the journal. `keep` as in
    `Release`. Gives `Released` with those that changed state, so not with resting ones; or `Stale`,
    having changed none.
    """

    __slots__ = ("keep", "leases", "reason")

    def __init__(self, leases: Sequence[Lease], reason: str, keep: bool = False) -> None:
        self.leases = leases
        self.reason = reason
        self.keep = keep


class Claimed(Record):
    """New leases, one a family, in the order of the claim."""

    __slots__ = ("leases",)

    def __init__(self, leases: Sequence[Lease]) -> None:
        self.leases = leases


class Existing(Record):
    """Leases that were there already."""

    __slots__ = ("leases",)

    def __init__(self, leases: Sequence[Lease]) -> None:
        self.leases = leases


class Released(Record):
    """Leases that were let go of (as they were before), possibly none."""

    __slots__ = ("leases",)

    def __init__(self, leases: Sequence[Lease]) -> None:
        self.leases = leases


class NoneLeft(Record):
    """No pool of this family has a free address; nothing was claimed for any family."""

    __slots__ = ("family",)

    def __init__(self, family: int) -> None:
        self.family = family


class Stale(Record):
    """The rules, or the leases, changed since the operation was decided on: decide again."""


class Busy(Record):
    """The store could not be written to within the bounded wait: try again."""


class NothingHeld(Record):
    """The tenant holds nothing that could be taken over."""


if TYPE_CHECKING:
    Operation = Claim | TakeOver | Release | LetGo
    Outcome = Claimed | Existing | Released | NoneLeft | Stale | Busy | NothingHeld
