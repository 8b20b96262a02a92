"""Which network (net-attach-def) an interface is attached to, from a Pod's annotations.

Multus' two annotations (its "How to use" page): `v1.multus-cni.io/default-network` names the first
interface's network, `k8s.v1.cni.cncf.io/networks` those of the others, as JSON or as a comma
list of `[namespace/]name[@interface]`.
"""

from __future__ import annotations

from model.fast_json import loads
from model.record import Record
from model.text import is_writable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_NETWORK = "v1.multus-cni.io/default-network"
NETWORKS = "k8s.v1.cni.cncf.io/networks"
FIRST_NIC = "eth0"
MOST_NIC_CHARACTERS = 15  # what Linux allows


HOW_TO_WRITE = 'write `namespace/name@interface`, or JSON: `[{"namespace": "ns", "name": "net"}]`'


class Network(Record):
    """`name` is `namespace/name`, or empty, and then `reason` says why there is none.

    `unreadable`: since the annotation, or the setting, that names it cannot be read.
    """

    __slots__ = ("name", "reason", "unreadable")

    def __init__(self, name: str, reason: str = "", unreadable: bool = False) -> None:
        self.name = name
        self.reason = reason
        self.unreadable = unreadable


class Reference(Record):
    """One entry of a network annotation; `namespace` and `interface` may be empty."""

    __slots__ = ("interface", "name", "namespace")

    def __init__(self, namespace: str, name: str, interface: str) -> None:
        self.namespace = namespace
        self.name = name
        self.interface = interface


class NetworkAnnotationError(ValueError):
    """A network annotation that cannot be read; `str()` says why."""


def find_network(
    annotations: Mapping[str, str],
    pod_namespace: str,
    nic: str,
    cluster_network: str,
    install_namespace: str,
) -> Network:
    """The network of interface `nic`. A name without namespace gets Spiderpool's default.

    That is `install_namespace` for the first interface and the Pod's namespace for the others.
    """
    try:
        if nic == FIRST_NIC:
            return _first(annotations, cluster_network, install_namespace)
        return _additional(annotations, pod_namespace, nic)
    except NetworkAnnotationError as error:
        return Network("", str(error), unreadable=True)


def nic_names(annotations: Mapping[str, str]) -> list[str]:
    """The interfaces of a Pod in order: `eth0`, then those of the networks annotation.

    `NetworkAnnotationError` if that annotation cannot be read.
    """
    return [FIRST_NIC, *_names(_references(annotations, NETWORKS))]


def _first(annotations: Mapping[str, str], cluster_network: str, install_namespace: str) -> Network:
    if DEFAULT_NETWORK in annotations:
        references = _references(annotations, DEFAULT_NETWORK)
    elif cluster_network:
        references = parse_references(cluster_network, "setting `cluster_network`")
    else:
        return Network(
            "", f"no annotation `{DEFAULT_NETWORK}`, and the setting `cluster_network` is empty"
        )
    if not references:
        return Network("", f"annotation `{DEFAULT_NETWORK}` is empty")
    return Network(f"{references[0].namespace or install_namespace}/{references[0].name}")


def _additional(annotations: Mapping[str, str], pod_namespace: str, nic: str) -> Network:
    if NETWORKS not in annotations:
        return Network("", f"no annotation `{NETWORKS}` names a network for `{nic}`")
    references = _references(annotations, NETWORKS)
    for reference, name in zip(references, _names(references), strict=True):
        if name == nic:
            return Network(f"{reference.namespace or pod_namespace}/{reference.name}")
    return Network("", f"annotation `{NETWORKS}` lists no network for `{nic}`")


def _names(references: list[Reference]) -> list[str]:
    """Interface names as Multus gives them: the one asked for, else `net` and the place from 1."""
    names = [r.interface or f"net{place}" for place, r in enumerate(references, 1)]
    for place, name in enumerate(names):
        if name == FIRST_NIC or name in names[:place]:
            raise NetworkAnnotationError(f"annotation `{NETWORKS}` names interface `{name}` twice")
    return names


def _references(annotations: Mapping[str, str], key: str) -> list[Reference]:
    return parse_references(annotations.get(key, ""), f"annotation `{key}`")


def parse_references(text: str, where: str) -> list[Reference]:
    """The entries of a network annotation; `NetworkAnnotationError` naming `where` if malformed."""
    if any(mark in text for mark in '[{"'):
        references = _parse_json(text, where)
    else:
        references = [_parse_short(part.strip(), where) for part in text.split(",") if part.strip()]
    for reference in references:
        if not reference.name or "/" in reference.name:
            raise NetworkAnnotationError(f"{where} has an entry without a valid network name")
    return references


def _parse_json(text: str, where: str) -> list[Reference]:
    try:
        entries = loads(text)
    except (ValueError, RecursionError) as error:
        raise NetworkAnnotationError(f"{where} is not valid JSON: {error}") from None
    if not is_writable(entries):
        raise NetworkAnnotationError(f"{where} has escapes that are no characters")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise NetworkAnnotationError(f"{where} is not a JSON list of objects")
    lowered = [{str(key).lower(): value for key, value in entry.items()} for entry in entries]
    fields = [[entry.get(k) or "" for k in ("namespace", "name", "interface")] for entry in lowered]
    if not all(isinstance(value, str) for values in fields for value in values):
        raise NetworkAnnotationError(f"{where} has an entry with a name that is no text")
    return [Reference(*values) for values in fields]


def _parse_short(text: str, where: str) -> Reference:
    place, at, interface = text.partition("@")
    namespace, slash, name = place.rpartition("/")
    names = (namespace, name) if slash else (name,)
    if (
        not all(_is_dns_label(one) for one in names)
        or (at and not interface)
        or len(interface) > MOST_NIC_CHARACTERS
    ):
        raise NetworkAnnotationError(f"{where} has the malformed entry `{text}`")
    return Reference(namespace, name, interface)


def _is_dns_label(name: str) -> bool:
    """Whether Multus takes this as a namespace or name: `a-z`, `0-9`, and `-` inside."""
    letters = name.replace("-", "a")
    return (
        letters.isascii()
        and letters.isalnum()
        and name == name.lower()
        and name[0] != "-"
        and name[-1] != "-"
    )
