"""The CNI verbs: a call's environment and standard input in, one JSON document or nothing out.

ADD      one address of each family, or an error and nothing held
DEL      lets go of the attachment's addresses; nothing to let go of is success
CHECK    the leases are there and say what `prevResult` says
STATUS   whether the store can serve
VERSION  the supported versions
"""

from __future__ import annotations

import os

from ipam.allocate import allocate
from ipam.cni_config import VERSIONS, decode, parse_config, version_of
from ipam.cni_environment import parse_environment
from ipam.cni_result import add_result, error_result, version_result
from ipam.release import release
from ipam.request import Request
from model.errors import (
    CniError,
    NodeBindingError,
    PoolweaverError,
    StoreError,
    StoreMissingError,
)
from model.leases import Attachment
from model.record import Record
from store.store import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ipam.cni_config import CniConfig
    from ipam.cni_environment import CniEnvironment
    from ipam.log import Log
    from store.store import Store

SINCE = {"CHECK": "0.4.0", "GC": "1.1.0", "STATUS": "1.1.0"}  # verbs that came after 0.3.0
UNAVAILABLE = 50  # STATUS: the plugin cannot serve ADD


class Call(Record):
    """All that a CNI call depends on. `now_seconds` is UTC seconds since the epoch."""

    __slots__ = ("default_db", "environ", "host_name", "log", "now_seconds", "stdin")

    def __init__(
        self,
        environ: Mapping[str, str],
        stdin: str,
        default_db: str,
        host_name: str,
        now_seconds: int,
        log: Log,
    ) -> None:
        self.environ = environ
        self.stdin = stdin
        self.default_db = default_db
        self.host_name = host_name
        self.now_seconds = now_seconds
        self.log = log


def serve(call: Call) -> tuple[int, dict[str, object] | None]:
    """(exit code, document for standard output or None). Never raises a `PoolweaverError`."""
    document = _decoded(call.stdin)
    version = VERSIONS[-1] if isinstance(document, CniError) else version_of(document)
    try:
        environment = parse_environment(call.environ)
        if environment.verb == "VERSION" and not call.stdin.strip():
            return 0, version_result(version, VERSIONS)
        if isinstance(document, CniError):
            raise document
        if environment.verb == "VERSION":
            return 0, version_result(version, VERSIONS)
        config = parse_config(document, to_release=environment.verb == "DEL")
        call.log.configure(config.log_file, config.log_level)
        for key in config.unknown_keys:
            call.log.write(
                "warn", f"unknown key `ipam.{key}` in network `{config.name}` is ignored"
            )
        for key in config.idle_keys:
            call.log.write("warn", f"key `ipam.{key}` has no effect yet")
        return 0, _dispatch(call, environment, config)
    except PoolweaverError as error:
        call.log.write("error", f"{call.environ.get('CNI_COMMAND')}: {error.code}: {error.message}")
        result = error_result(version, error)
        if call.environ.get("CNI_COMMAND") == "STATUS" and isinstance(error, StoreError):
            result["code"] = UNAVAILABLE
        return 1, result


def _decoded(stdin: str) -> dict[str, object] | CniError:
    """The configuration, or why there is none: an error in the environment is told before that."""
    try:
        return decode(stdin)
    except CniError as error:
        return error


def _dispatch(
    call: Call, environment: CniEnvironment, config: CniConfig
) -> dict[str, object] | None:
    verb = environment.verb
    if verb == "GC":
        raise CniError(
            "GC is not there yet",
            "`DEL` each attachment; `poolweaver get spiderippool` counts what is held",
            code="cni-not-supported",
        )
    since = SINCE.get(verb)
    if since and VERSIONS.index(config.version) < VERSIONS.index(since):
        raise CniError(
            f"{verb} needs cniVersion {since} or newer, the configuration says {config.version}",
            f"raise `cniVersion` to {since} or newer",
            code="cni-version",
        )
    verbs: dict[str, Callable[..., dict[str, object] | None]] = {
        "ADD": _add,
        "DEL": _del,
        "CHECK": _check,
        "STATUS": _status,
    }
    return verbs[verb](call, environment, config)


def _open(call: Call, config: CniConfig) -> Store:
    return open_store(config.db or call.default_db)


def _attachment(call: Call, environment: CniEnvironment, config: CniConfig) -> Attachment:
    node = config.node_name or call.host_name
    return Attachment(node, config.name, environment.container_id, environment.ifname)


def _add(call: Call, environment: CniEnvironment, config: CniConfig) -> dict[str, object]:
    _refuse_own_netns(environment.netns)
    attachment = _attachment(call, environment, config)
    request = Request(
        attachment,
        environment.pod_namespace,
        environment.pod_name,
        environment.pod_uid,
        config.defaults,
        config.labels,
        config.clean_gateway,
    )
    with _open(call, config) as store:
        store.settings.require_node(attachment.node, bind=False)
        allocation = allocate(store, request, call.now_seconds)
        _bind(store, attachment, call.now_seconds)
        _finish_drains(store)  # a StatefulSet's Pod may have given up the last address of a pool
        result = add_result(config.version, allocation.leases)
    for lease in allocation.leases:
        who = lease.holder.pod_text or attachment.container_id
        call.log.write(
            "info", f"ADD: {lease.answer.address} of {lease.pool} to {who} ({allocation.how})"
        )
    return result


def _bind(store: Store, attachment: Attachment, now_seconds: int) -> None:
    """Bind the store to the node of its first ADD that succeeded; undo one that came second."""
    try:
        store.settings.require_node(attachment.node)
    except NodeBindingError:
        release(store, attachment, now_seconds)
        raise


def _del(call: Call, environment: CniEnvironment, config: CniConfig) -> None:
    try:
        store = _open(call, config)
    except StoreMissingError as error:  # nothing was ever handed out from it
        call.log.write("warn", f"DEL: {error.message}: nothing to release")
        return
    with store:
        released = release(store, _attachment(call, environment, config), call.now_seconds)
        for lease in released:
            call.log.write("info", f"DEL: {lease.answer.address} of {lease.pool} is let go of")
        _finish_drains(store)


def _finish_drains(store: Store) -> None:
    """Delete the pools that are drained and now hold nothing."""
    draining = store.pools.terminating()
    if draining:
        from ipam.drain import finish_drains  # noqa: PLC0415 - authoring time; a drain is rare

        finish_drains(store, draining)


def _check(call: Call, environment: CniEnvironment, config: CniConfig) -> None:
    with _open(call, config) as store:
        held = store.leases.by_attachment(_attachment(call, environment, config))
    addresses = [lease.answer.address for lease in held]
    if not addresses:
        raise _check_failed(f"interface {environment.ifname} of this container holds no address")
    previous = config.previous_addresses
    if previous is not None and sorted(previous) != sorted(addresses):
        says = ", ".join(previous) or "no address"
        raise _check_failed(f"prevResult says {says}, but the lease is for {', '.join(addresses)}")


def _check_failed(message: str) -> CniError:
    return CniError(message, "restart the Pod: the runtime then asks anew", code="cni-check-failed")


def _status(call: Call, environment: CniEnvironment, config: CniConfig) -> None:
    """Reads the store, and does not wait for its lock: runtimes ask every few seconds."""
    with _open(call, config) as store:
        store.settings.require_node(_attachment(call, environment, config).node, bind=False)
        store.pools.rules_digest()


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
