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
    from collections.abc import Callable, Mapping, Sequence
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
    `idle_keys` are keys of `ipam` that this form of the plugin has no use for, and warns of.
    `may_wait`: that facts are not known yet is no answer, the call is asked again.
    """

    __slots__ = (
        "environ",
        "host_name",
        "idle_keys",
        "log",
        "may_wait",
        "now_seconds",
        "open_store",
        "stdin",
    )

    def __init__(
        self,
        environ: Mapping[str, str],
        stdin: str,
        open_store: OpenStore,
        host_name: str,
        now_seconds: int,
        log: Log,
        idle_keys: Sequence[str] = (),
        may_wait: bool = False,
    ) -> None:
        self.may_wait = may_wait
        self.idle_keys = idle_keys
        self.environ = environ
        self.stdin = stdin
        self.open_store = open_store
        self.host_name = host_name
        self.now_seconds = now_seconds
        self.log = log


def serve(call: Call) -> tuple[int, dict[str, object] | None]:
    """(exit code, document for standard output or None). Never raises a `PoolweaverError`."""
    try:
        return 0, answer(call)
    except PoolweaverError as error:
        return 1, failure(call, error)


def answer(call: Call) -> dict[str, object] | None:
    """The document for standard output, None for none. Raises the `PoolweaverError` of the call."""
    document = _decoded(call.stdin)
    environment = parse_environment(call.environ)
    if environment.verb == "VERSION" and not call.stdin.strip():
        return version_result(VERSIONS[-1], VERSIONS)
    if isinstance(document, CniError):
        raise document
    if environment.verb == "VERSION":
        return version_result(version_of(document), VERSIONS)
    config = parse_config(document, to_release=environment.verb == "DEL")
    _warn(call, config)
    _check_version(environment.verb, config.version)
    return VERBS[environment.verb](call, environment, config, document)


def failure(call: Call, error: PoolweaverError) -> dict[str, object]:
    """The document of a call that failed, which is logged."""
    verb = call.environ.get("CNI_COMMAND")
    call.log.write("error", f"{verb}: {error.code}: {error.message}")
    document = _decoded(call.stdin)
    version = VERSIONS[-1] if isinstance(document, CniError) else version_of(document)
    result = error_result(version, error)
    if verb == "STATUS" and isinstance(error, UNSERVED):
        result["code"] = UNAVAILABLE
    return result


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
    for key in config.present_keys:
        if key in call.idle_keys:
            call.log.write("warn", f"key `ipam.{key}` is for the agent's client: it is not used")


def _check_version(verb: str, version: str) -> None:
    since = SINCE.get(verb)
    if since and VERSIONS.index(version) < VERSIONS.index(since):
        raise CniError(
            f"{verb} needs cniVersion {since} or newer, the configuration says {version}",
            f"raise `cniVersion` to {since} or newer",
            code="cni-version",
        )
