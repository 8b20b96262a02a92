"""The network configuration a runtime sends on standard input.

CNI specification, section 1 (configuration) and section "Execution of network configurations".
"""

from __future__ import annotations

from model.errors import CniError
from model.fast_json import dumps, loads
from model.record import Record
from model.text import is_writable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSIONS = ("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")
NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
KEYS = (
    "clean_gateway",
    "db",
    "default_ipv4_ippool",
    "default_ipv6_ippool",
    "log_file",
    "log_level",
    "node_name",
    "socket",
    "status_on_exhaustion",
    "type",
)
TO_RELEASE = ("db", "node_name", "type")
IDLE_KEYS = ("socket", "status_on_exhaustion")  # of the agent, which is not there yet
LOG_LEVELS = ("debug", "info", "warn", "error")


class CniConfig(Record):
    """What of the configuration concerns us.

    `version` is as given. `previous_addresses` are those of `prevResult`, None where there is none.
    `labels` are `args.cni.labels`. `unknown_keys` of `ipam` are to be
    reported, not refused, and `idle_keys` are known ones without effect.
    """

    __slots__ = (
        "clean_gateway",
        "db",
        "defaults",
        "idle_keys",
        "labels",
        "log_file",
        "log_level",
        "name",
        "node_name",
        "previous_addresses",
        "unknown_keys",
        "version",
    )

    def __init__(
        self,
        version: str,
        name: str,
        db: str,
        node_name: str,
        defaults: Mapping[int, Sequence[str]],
        clean_gateway: bool,
        labels: Mapping[str, str],
        log_file: str,
        log_level: str,
        previous_addresses: Sequence[str] | None,
        unknown_keys: Sequence[str],
        idle_keys: Sequence[str],
    ) -> None:
        self.idle_keys = idle_keys
        self.version = version
        self.name = name
        self.db = db
        self.node_name = node_name
        self.defaults = defaults
        self.clean_gateway = clean_gateway
        self.labels = labels
        self.log_file = log_file
        self.log_level = log_level
        self.previous_addresses = previous_addresses
        self.unknown_keys = unknown_keys


def decode(text: str) -> dict[str, object]:
    """The JSON object on standard input; `CniError` (CNI code 6) if it is none."""
    try:
        document = loads(text)
    except (ValueError, RecursionError) as error:
        raise CniError(
            f"the network configuration is not valid JSON: {error}",
            "the runtime sends it on standard input; check the CNI configuration file",
            code="cni-decode-failed",
        ) from None
    if "\\u" in text and not is_writable(document):
        raise CniError(
            "the network configuration has escapes that are no characters",
            "write pairs of \\uD800 to \\uDFFF, or the characters themselves",
            code="cni-decode-failed",
        )
    if not isinstance(document, dict):
        raise CniError(
            "the network configuration is not a JSON object",
            "it starts with `{` and has at least cniVersion, name and ipam",
            code="cni-decode-failed",
        )
    return document


def version_of(document: Mapping[str, object]) -> str:
    """The configuration's `cniVersion`, `0.1.0` where there is none (specification, section 1)."""
    version = document.get("cniVersion")
    return version if isinstance(version, str) and version else "0.1.0"


def parse_config(document: Mapping[str, object], *, to_release: bool = False) -> CniConfig:
    """The configuration, checked; `CniError` with CNI code 1 or 7 naming what is wrong.

    `to_release` looks at what DEL needs alone: a bad edit elsewhere must not block a teardown.
    """
    version = version_of(document)
    if version not in VERSIONS:
        raise CniError(
            f"cniVersion `{version}` is not supported",
            f"supported are {', '.join(VERSIONS)}",
            code="cni-version",
        )
    name = document.get("name")
    if not isinstance(name, str) or not is_identifier(name):
        raise _invalid(
            "the network configuration has no valid `name`",
            "a name starts with a letter or digit and has letters, digits, `_`, `.` and `-`",
        )
    ipam = document.get("ipam")
    if not isinstance(ipam, dict):
        raise _invalid(
            "the network configuration has no `ipam` object",
            'write `"ipam": {"type": "poolweaver"}`',
        )
    if to_release:
        ipam = {key: ipam[key] for key in TO_RELEASE if key in ipam}
        document = {}
    if ipam.get("match_master_subnet"):
        raise _invalid(
            "`ipam.match_master_subnet` is not supported",
            "remove it: it would restrict the pools, and is not there yet",
        )
    return CniConfig(
        version,
        name,
        _text(ipam, "db"),
        _text(ipam, "node_name"),
        {4: _names(ipam, "default_ipv4_ippool"), 6: _names(ipam, "default_ipv6_ippool")},
        _flag(ipam, "clean_gateway"),
        _labels(document),
        _text(ipam, "log_file"),
        _level(ipam),
        _previous(document),
        [str(key) for key in ipam if key not in KEYS],
        [key for key in IDLE_KEYS if key in ipam],
    )


def is_identifier(text: str) -> bool:
    """Whether the text may be a container id or a network name (specification, section 2)."""
    return bool(text) and text[0] not in "_.-" and NAME_CHARACTERS.issuperset(text)


def _invalid(message: str, hint: str) -> CniError:
    return CniError(message, hint, code="invalid-cni-config")


def _text(ipam: Mapping[str, object], key: str) -> str:
    value = ipam.get(key, "")
    if not isinstance(value, str):
        raise _invalid(f"`ipam.{key}` is {dumps(value)}, not a text", "put it in quotes")
    return value


def _flag(ipam: Mapping[str, object], key: str) -> bool:
    value = ipam.get(key, False)
    if not isinstance(value, bool):
        raise _invalid(f"`ipam.{key}` is {dumps(value)}, not a boolean", "write true or false")
    return value


def _level(ipam: Mapping[str, object]) -> str:
    level = _text(ipam, "log_level") or "info"
    if level not in LOG_LEVELS:
        raise _invalid(f"`ipam.log_level` is `{level}`", f"write one of {', '.join(LOG_LEVELS)}")
    return level


def _names(ipam: Mapping[str, object], key: str) -> list[str]:
    value = ipam.get(key) or []
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise _invalid(f"`ipam.{key}` is not a list of pool names", f'write `"{key}": ["pool"]`')
    return value


def _labels(document: Mapping[str, object]) -> dict[str, str]:
    """`args.cni.labels`: a list of `{"key", "value"}` (CNI conventions), or an object."""
    args = document.get("args")
    cni = args.get("cni") if isinstance(args, dict) else None
    labels = cni.get("labels") if isinstance(cni, dict) else None
    if labels is None:
        return {}
    pairs: list[tuple[object, object]] = []
    if isinstance(labels, dict):
        pairs = list(labels.items())
    elif isinstance(labels, list) and all(isinstance(entry, dict) for entry in labels):
        pairs = [(entry.get("key"), entry.get("value")) for entry in labels]
    else:
        raise _invalid(
            "`args.cni.labels` is not a list of labels", 'write `[{"key": "app", "value": "web"}]`'
        )
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in pairs):
        raise _invalid(
            "`args.cni.labels` has a label that is not text",
            'write `[{"key": "app", "value": "web"}]`',
        )
    return {str(key): str(value) for key, value in pairs}


def _previous(document: Mapping[str, object]) -> list[str] | None:
    """The addresses of `prevResult`, None without one."""
    if "prevResult" not in document:
        return None
    result = document["prevResult"]
    ips = result.get("ips", []) if isinstance(result, dict) else None
    if not isinstance(ips, list) or not all(isinstance(entry, dict) for entry in ips):
        raise _invalid("`prevResult` is not a result", "the runtime sends what ADD answered")
    return [str(entry.get("address", "")) for entry in ips]
