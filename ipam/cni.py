"""A CNI call: environment and standard input in, one JSON document or nothing out.

What is wrong with the call is told before the store is opened; what each verb does is
`ipam.cni_verbs`.
"""

from __future__ import annotations

from ipam.cni_config import VERSIONS, decode, parse_config, version_of
from ipam.cni_environment import parse_environment
from ipam.cni_result import error_result, version_result
from ipam.cni_verbs import VERBS
from model.errors import CniError, PoolExhaustedError, PoolweaverError, StoreError
from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from ipam.cni_config import CniConfig
    from ipam.log import Log
    from store.store import Store

    # The path that the configuration names, or empty, to the store.
    OpenStore = Callable[[str], AbstractContextManager[Store]]

SINCE = {"CHECK": "0.4.0", "GC": "1.1.0", "STATUS": "1.1.0"}  # verbs that came after 0.3.0
UNAVAILABLE = 50  # STATUS: the plugin cannot serve ADD
UNSERVED = (StoreError, PoolExhaustedError)


class Call(Record):
    """All that a CNI call depends on. `now_seconds` is UTC seconds since the epoch.

    `open_store` gives the store of the path that the configuration names (empty: none is named).
    """

    __slots__ = ("environ", "host_name", "log", "now_seconds", "open_store", "stdin")

    def __init__(
        self,
        environ: Mapping[str, str],
        stdin: str,
        open_store: OpenStore,
        host_name: str,
        now_seconds: int,
        log: Log,
    ) -> None:
        self.environ = environ
        self.stdin = stdin
        self.open_store = open_store
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
        _warn(call, config)
        _check_version(environment.verb, config.version)
        return 0, VERBS[environment.verb](call, environment, config, document)
    except PoolweaverError as error:
        call.log.write("error", f"{call.environ.get('CNI_COMMAND')}: {error.code}: {error.message}")
        result = error_result(version, error)
        if call.environ.get("CNI_COMMAND") == "STATUS" and isinstance(error, UNSERVED):
            result["code"] = UNAVAILABLE
        return 1, result


def _decoded(stdin: str) -> dict[str, object] | CniError:
    """The configuration, or why there is none: an error in the environment is told before that."""
    try:
        return decode(stdin)
    except CniError as error:
        return error


def _warn(call: Call, config: CniConfig) -> None:
    call.log.configure(config.log_file, config.log_level)
    for key in config.unknown_keys:
        call.log.write("warn", f"unknown key `ipam.{key}` in network `{config.name}` is ignored")
    for key in config.idle_keys:
        call.log.write("warn", f"key `ipam.{key}` has no effect yet")


def _check_version(verb: str, version: str) -> None:
    since = SINCE.get(verb)
    if since and VERSIONS.index(version) < VERSIONS.index(since):
        raise CniError(
            f"{verb} needs cniVersion {since} or newer, the configuration says {version}",
            f"raise `cniVersion` to {since} or newer",
            code="cni-version",
        )
