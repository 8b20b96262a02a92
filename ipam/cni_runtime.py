"""What the runtime adds to a network configuration for one call.

    args.cni.labels                                   labels of a container that is no Pod
    runtimeConfig["io.kubernetes.cri.pod-annotations"]  the Pod's annotations, a capability
    runtimeConfig.ips, args.cni.ips                   addresses asked for by number
    prevResult                                        what ADD answered
    cni.dev/valid-attachments                         what GC is to leave alone

CNI specification, section 3, and the CNI conventions on capabilities and `args`.
"""

from __future__ import annotations

from ipam.cni_config import invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

POD_ANNOTATIONS = "io.kubernetes.cri.pod-annotations"
VALID_ATTACHMENTS = "cni.dev/valid-attachments"


def labels_of(document: Mapping[str, object]) -> dict[str, str]:
    """`args.cni.labels`: a list of `{"key", "value"}` (CNI conventions), or an object."""
    labels = _at(document, "args", "cni", "labels")
    if labels is None:
        return {}
    if isinstance(labels, list) and all(isinstance(entry, dict) for entry in labels):
        labels = {entry.get("key"): entry.get("value") for entry in labels}
    example = '`[{"key": "app", "value": "web"}]`'
    return _texts(labels, "args.cni.labels", "a list of labels", example)


def pod_annotations(document: Mapping[str, object]) -> dict[str, str]:
    """The Pod's annotations as the runtime knows them; none where it has not the capability."""
    annotations = _at(document, "runtimeConfig", POD_ANNOTATIONS)
    where = f"runtimeConfig.{POD_ANNOTATIONS}"
    return _texts(annotations or {}, where, "an object of annotations", '`{"name": "value"}`')


def requested_texts(document: Mapping[str, object]) -> list[str]:
    """The addresses that the configuration asks for, as they are written; empty if none.

    `runtimeConfig.ips` alone counts where it names any, as the conventions have it.
    """
    return _ips(document, "runtimeConfig") or _ips(document, "args", "cni")


def previous_addresses(document: Mapping[str, object]) -> list[str] | None:
    """The addresses of `prevResult`, None without one."""
    if "prevResult" not in document:
        return None
    result = document["prevResult"]
    ips = result.get("ips", []) if isinstance(result, dict) else None
    if not isinstance(ips, list) or not all(isinstance(entry, dict) for entry in ips):
        raise invalid("`prevResult` is not a result", "the runtime sends what ADD answered")
    return [str(entry.get("address", "")) for entry in ips]


def valid_attachments(document: Mapping[str, object]) -> set[tuple[str, str]]:
    """(container id, interface) of all that live in this network; an empty list means none does.

    A list that is missing is an error: taken for an empty one, it would free every address.
    """
    listed = document.get(VALID_ATTACHMENTS)
    if listed is None:
        raise invalid(
            f"GC came without `{VALID_ATTACHMENTS}`",
            "the runtime lists the attachments that live; an empty list means that none does",
        )
    found = set()
    for entry in listed if isinstance(listed, list) else [None]:
        pair = (entry.get("containerID"), entry.get("ifname")) if isinstance(entry, dict) else ()
        if len(pair) != 2 or not all(isinstance(text, str) and text for text in pair):
            raise invalid(
                f"`{VALID_ATTACHMENTS}` is not a list of attachments",
                'each is `{"containerID": "...", "ifname": "..."}`',
            )
        found.add((str(pair[0]), str(pair[1])))
    return found


def _ips(document: Mapping[str, object], *path: str) -> list[str]:
    ips = _at(document, *path, "ips")
    if ips is None:
        return []
    if not isinstance(ips, list) or not all(isinstance(text, str) for text in ips):
        raise invalid(
            f"`{'.'.join(path)}.ips` is not a list of addresses", 'write `["10.0.0.7/16"]`'
        )
    return ips


def _at(document: Mapping[str, object], *path: str) -> object:
    place: object = document
    for key in path:
        place = place.get(key) if isinstance(place, dict) else None
    return place


def _texts(value: object, where: str, what: str, example: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise invalid(f"`{where}` is not {what}", f"write {example}")
    for key, text in value.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise invalid(f"`{where}` has an entry that is not text", f"write {example}")
    return value
