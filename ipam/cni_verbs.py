"""The CNI verbs that work on the store.

ADD      one address of each family, or an error and nothing held
DEL      lets go of the attachment's addresses; nothing to let go of is success
CHECK    the leases are there and say what `prevResult` says
GC       lets go of what the network's attachments hold that the runtime does not list
STATUS   whether the store can serve, and a warning where nothing is left to hand out
"""

from __future__ import annotations

import os

from ipam.allocate import allocate
from ipam.cni_config import UNAVAILABLE
from ipam.cni_result import add_result
from ipam.cni_runtime import (
    labels_of,
    pod_annotations,
    previous_addresses,
    requested_texts,
    valid_attachments,
)
from ipam.release import release
from ipam.request import Request
from model.errors import CniError, NodeBindingError, PoolExhaustedError, StoreMissingError
from model.leases import Attachment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from ipam.cni import Call
    from ipam.cni_config import CniConfig
    from ipam.cni_environment import CniEnvironment
    from model.leases import Lease
    from store.store import Store

    Document = Mapping[str, object]


def _attachment(call: Call, environment: CniEnvironment, config: CniConfig) -> Attachment:
    node = config.node_name or call.host_name
    return Attachment(node, config.name, environment.container_id, environment.ifname)


def _request(
    attachment: Attachment, given: CniEnvironment, config: CniConfig, document: Document
) -> Request:
    texts = requested_texts(document) or given.addresses
    addresses: Mapping[int, int] = {}
    if texts:
        from ipam.requested import parse_requested  # noqa: PLC0415 - few calls ask for addresses

        addresses = parse_requested(texts)
    return Request(
        attachment,
        given.pod_namespace,
        given.pod_name,
        given.pod_uid,
        config.defaults,
        labels_of(document),
        config.clean_gateway,
        pod_annotations(document),
        addresses,
    )


def add(
    call: Call, given: CniEnvironment, config: CniConfig, document: Document
) -> dict[str, object]:
    """ADD: the result."""
    _refuse_own_netns(given.netns)
    attachment = _attachment(call, given, config)
    request = _request(attachment, given, config, document)
    with call.open_store(config.db) as store:
        store.settings.require_node(attachment.node, bind=False)
        allocation = allocate(store, request, call.now_seconds, may_wait=call.may_wait)
        _bind(store, attachment, call.now_seconds)
        _finish_drains(store)  # a StatefulSet's Pod may have given up the last address of a pool
        result = add_result(config.version, allocation.leases)
    for remark in allocation.remarks:
        call.log.write("warn", f"ADD: {request.pod_text}: {remark}")
    for lease in allocation.leases:
        who = lease.holder_text
        address = lease.answer.address
        call.log.write(
            "info", f"ADD: {address} of {lease.pool} to {who} ({allocation.how})", address
        )
    return result


def _bind(store: Store, attachment: Attachment, now_seconds: int) -> None:
    """Bind the store to the node of its first ADD that succeeded; undo one that came second."""
    try:
        store.settings.require_node(attachment.node)
    except NodeBindingError:
        release(store, attachment, now_seconds)
        raise


def delete(call: Call, given: CniEnvironment, config: CniConfig, _: Document) -> None:
    """DEL: nothing."""
    opened = _open_to_release(call, config, "DEL")
    if opened is None:
        return
    with opened as store:
        released = release(store, _attachment(call, given, config), call.now_seconds)
        _log_released(call, "DEL", released)
        _finish_drains(store)


def _open_to_release(
    call: Call, config: CniConfig, verb: str
) -> AbstractContextManager[Store] | None:
    """The store; None where there is no file: nothing was ever handed out from it."""
    try:
        return call.open_store(config.db)
    except StoreMissingError as error:
        call.log.write("warn", f"{verb}: {error.message}: nothing to release")
        return None


def collect_garbage(call: Call, _: CniEnvironment, config: CniConfig, document: Document) -> None:
    """GC: nothing."""
    from ipam.garbage import collect  # noqa: PLC0415 - few calls are GC

    valid = valid_attachments(document)
    node = config.node_name or call.host_name
    opened = _open_to_release(call, config, "GC")
    if opened is None:
        return
    with opened as store:
        store.settings.require_node(node, bind=False)
        _log_released(call, "GC", collect(store, node, config.name, valid, call.now_seconds))
        _finish_drains(store)


def _log_released(call: Call, verb: str, released: Sequence[Lease]) -> None:
    for lease in released:
        address = lease.answer.address
        call.log.write("info", f"{verb}: {address} of {lease.pool} is let go of", address)


def _finish_drains(store: Store) -> None:
    """Delete the pools that are drained and now hold nothing."""
    draining = store.pools.terminating()
    if draining:
        from ipam.drain import finish_drains  # noqa: PLC0415 - authoring time; a drain is rare

        finish_drains(store, draining)


def check(call: Call, given: CniEnvironment, config: CniConfig, document: Document) -> None:
    """CHECK: nothing, or the error that says what is not as it was."""
    previous = previous_addresses(document)
    with call.open_store(config.db) as store:
        held = store.leases.by_attachment(_attachment(call, given, config))
    addresses = [lease.answer.address for lease in held]
    if not addresses:
        raise _check_failed(f"interface {given.ifname} of this container holds no address")
    if previous is not None and sorted(previous) != sorted(addresses):
        says = ", ".join(previous) or "no address"
        raise _check_failed(f"prevResult says {says}, but the lease is for {', '.join(addresses)}")


def _check_failed(message: str) -> CniError:
    return CniError(message, "restart the Pod: the runtime then asks anew", code="cni-check-failed")


def status(call: Call, given: CniEnvironment, config: CniConfig, _: Document) -> None:
    """STATUS: nothing. Reads, and does not wait for a lock: runtimes ask every few seconds."""
    from ipam.exhaustion import exhausted  # noqa: PLC0415 - an ADD does without

    with call.open_store(config.db) as store:
        store.settings.require_node(_attachment(call, given, config).node, bind=False)
        store.pools.rules_digest()
        empty = exhausted(store, config.defaults)
    if empty and config.on_exhaustion == UNAVAILABLE:
        raise PoolExhaustedError(
            empty, "add addresses to `spec.ips`, or set `status_on_exhaustion` to `report`"
        )
    if empty:
        call.log.write("warn", f"STATUS: {empty}")


def _refuse_own_netns(netns: str) -> None:
    """An interface of the host's own namespace is a mistake of the runtime: allocate nothing."""
    try:
        theirs, own = os.stat(netns), os.stat("/proc/self/ns/net")  # noqa: PTH116
    except OSError:
        return  # the main plugin finds out and says so
    if (theirs.st_dev, theirs.st_ino) == (own.st_dev, own.st_ino):
        raise CniError(
            "CNI_NETNS is the network namespace of the plugin itself",
            "the runtime must name the container's network namespace",
            code="invalid-cni-environment",
        )


VERBS = {"ADD": add, "DEL": delete, "CHECK": check, "GC": collect_garbage, "STATUS": status}
