"""Who an address belongs to across attachments, and whether it is kept for them.

    Pod of a StatefulSet   its name: the next Pod of this name gets the address back
    any other Pod          its UID, where the runtime sent one: a new sandbox gets the address back
    no Pod                 nobody

An address is kept between two sandboxes while the StatefulSet wants the Pod's ordinal.
"""

from __future__ import annotations

from model.facts import PodFacts, Unknown
from model.leases import Holder, pod_tenant, stateful_set_of, stateful_set_tenant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ipam.request import Request
    from model.leases import Lease
    from store.store import Store

STATEFUL_SET = "StatefulSet"


def holder_of(store: Store, request: Request, pod: PodFacts | Unknown) -> Holder:
    """For whom the addresses of a request are; `pod` is what is known of its Pod, if it has one."""
    tenant = _tenant(store, request, pod) if request.pod_name else ""
    return Holder(request.pod_namespace, request.pod_name, request.pod_uid, tenant)


def _tenant(store: Store, request: Request, pod: PodFacts | Unknown) -> str:
    namespace, name, ifname = request.pod_namespace, request.pod_name, request.attachment.ifname
    if (
        isinstance(pod, PodFacts)
        and pod.owner_kind == STATEFUL_SET
        and store.settings.get("enable_statefulset")
    ):
        return stateful_set_tenant(namespace, pod.owner_name, name, ifname)
    return pod_tenant(namespace, name, request.pod_uid, ifname) if request.pod_uid else ""


def why_unwanted(store: Store, tenant: str) -> str:
    """Why no StatefulSet wants the tenant's Pod, in a line; empty if one does.

    Only names count, as for Kubernetes: ordinals go from `spec.ordinals.start` (0), and there are
    `spec.replicas` (1) of them.
    """
    found = stateful_set_of(tenant)
    if found is None:
        return "it belongs to no StatefulSet"
    if not store.settings.get("enable_statefulset"):
        return "the setting `enable_statefulset` is off"
    namespace, name, pod = found
    record = store.objects.get(STATEFUL_SET, namespace, name)
    if record is None:
        return f"there is no StatefulSet {namespace}/{name}"
    first, count = _ordinals(record.manifest)
    if _ordinal(name, pod) in range(first, first + count):
        return ""
    wanted = f"only {name}-{first} to {name}-{first + count - 1}" if count > 0 else "no Pods"
    return f"StatefulSet {namespace}/{name} wants {wanted}"


def _ordinals(manifest: Any) -> tuple[int, int]:
    """(first ordinal, number of Pods) of a valid StatefulSet."""
    spec = manifest["spec"]
    count = spec.get("replicas")
    first = (spec.get("ordinals") or {}).get("start")
    return first or 0, 1 if count is None else count


def _ordinal(stateful_set: str, pod: str) -> int:
    """The ordinal of `NAME-ORDINAL`, -1 for any other name."""
    text = pod.removeprefix(f"{stateful_set}-")
    ordinal = int(text) if text.isascii() and text.isdigit() else -1
    return ordinal if pod == f"{stateful_set}-{ordinal}" else -1


def why_not_kept(store: Store, leases: Sequence[Lease]) -> str:
    """Why the leases of one tenant are not to be kept for it, in a line; empty if they are."""
    tenant = leases[0].holder.tenant
    reason = why_unwanted(store, tenant)
    if reason:
        return reason
    own = [(lease.family, lease.address) for lease in store.leases.by_tenant(tenant)]
    if any((lease.family, lease.address) not in own for lease in leases):
        return "its Pod would not come back to it: it holds another address, or this one in part"
    return why_draining(store, leases)


def why_draining(store: Store, leases: Sequence[Lease]) -> str:
    """That a pool of the leases is being drained, in a line; empty if none is."""
    pools = store.pools.serving([lease.pool for lease in leases])
    for name, pool in pools.items():
        if pool.rules.terminating:
            return draining(name)
    return ""


def draining(pool: str) -> str:
    """The reason for letting go of what a pool holds that is being drained."""
    return f"pool `{pool}` is being drained"
