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
LOG_LEVELS = ("debug", "info", "warn", "error")
REPORT, UNAVAILABLE = "report", "unavailable"
ON_EXHAUSTION = (REPORT, UNAVAILABLE)


class CniConfig(Record):
    """What an administrator wrote of the configuration; `ipam.cni_runtime` reads the rest.

    `version` is as given. `unknown_keys` of `ipam` are to be reported, not refused;
    `present_keys` are the known ones that stand there.
    """

    __slots__ = (
        "clean_gateway",
        "db",
        "defaults",
        "log_file",
        "log_level",
        "name",
        "node_name",
        "on_exhaustion",
        "present_keys",
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
        log_file: str,
        log_level: str,
        on_exhaustion: str,
        unknown_keys: Sequence[str],
        present_keys: Sequence[str],
    ) -> None:
        self.present_keys = present_keys
        self.version = version
        self.name = name
        self.db = db
        self.node_name = node_name
        self.defaults = defaults
        self.clean_gateway = clean_gateway
        self.log_file = log_file
        self.log_level = log_level
        self.on_exhaustion = on_exhaustion
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
    """The configuration, checked; `CniError` with CNI code 1, 6 or 7 naming what is wrong.

    `to_release` looks at what DEL needs alone: a bad edit elsewhere must not block a teardown.
    """
    version = version_of(document)
    if not all(part.isascii() and part.isdigit() for part in version.split(".")):
        raise CniError(
            f"cniVersion `{version}` is no version",
            f"supported are {', '.join(VERSIONS)}",
            code="cni-decode-failed",
        )
    if version not in VERSIONS:
        raise CniError(
            f"cniVersion `{version}` is not supported",
            f"supported are {', '.join(VERSIONS)}",
            code="cni-version",
        )
    name = document.get("name")
    if not isinstance(name, str) or not is_identifier(name):
        raise invalid(
            "the network configuration has no valid `name`",
            "a name starts with a letter or digit and has letters, digits, `_`, `.` and `-`",
        )
    ipam = document.get("ipam")
    if not isinstance(ipam, dict):
        raise invalid(
            "the network configuration has no `ipam` object",
            'write `"ipam": {"type": "poolweaver"}`',
        )
    if to_release:
        ipam = {key: ipam[key] for key in TO_RELEASE if key in ipam}
    if ipam.get("match_master_subnet"):
        raise invalid(
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
        _text(ipam, "log_file"),
        _choice(ipam, "log_level", LOG_LEVELS, "info"),
        _choice(ipam, "status_on_exhaustion", ON_EXHAUSTION, REPORT),
        [str(key) for key in ipam if key not in KEYS],
        [key for key in KEYS if key in ipam],
    )


def is_identifier(text: str) -> bool:
    """Whether the text may be a container id or a network name (specification, section 2)."""
    return bool(text) and text[0] not in "_.-" and NAME_CHARACTERS.issuperset(text)


def invalid(message: str, hint: str) -> CniError:
    """The error for a configuration that makes no sense (CNI code 7)."""
    return CniError(message, hint, code="invalid-cni-config")


def _text(ipam: Mapping[str, object], key: str) -> str:
    value = ipam.get(key, "")
    if not isinstance(value, str):
        raise invalid(f"`ipam.{key}` is {dumps(value)}, not a text", "put it in quotes")
    return value


def _flag(ipam: Mapping[str, object], key: str) -> bool:
    value = ipam.get(key, False)
    if not isinstance(value, bool):
        raise invalid(f"`ipam.{key}` is {dumps(value)}, not a boolean", "write true or false")
    return value


def _choice(ipam: Mapping[str, object], key: str, values: Sequence[str], default: str) -> str:
    """The value of a key, `default` where it is missing or empty."""
    value = _text(ipam, key) or default
    if value not in values:
        raise invalid(f"`ipam.{key}` is `{value}`", f"write one of {', '.join(values)}")
    return value


def _names(ipam: Mapping[str, object], key: str) -> list[str]:
    value = ipam.get(key) or []
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise invalid(f"`ipam.{key}` is not a list of pool names", f'write `"{key}": ["pool"]`')
    return value
