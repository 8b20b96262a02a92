"""Kind names as kubectl users type them: singular, plural, short."""

from __future__ import annotations

from collections.abc import Sequence

from model.errors import NotFoundError
from model.naming import did_you_mean, nearest

ALIASES = {
    "SpiderIPPool": ("spiderippool", "spiderippools", "sp", "ippool", "ippools", "pool", "pools"),
    "SpiderReservedIP": ("spiderreservedip", "spiderreservedips", "sr", "reservedip"),
    "SpiderEndpoint": ("spiderendpoint", "spiderendpoints", "se", "endpoint"),
    "Pod": ("pod", "pods", "po"),
    "Namespace": ("namespace", "namespaces", "ns"),
    "Node": ("node", "nodes", "no"),
    "Deployment": ("deployment", "deployments", "deploy"),
    "StatefulSet": ("statefulset", "statefulsets", "sts"),
    "DaemonSet": ("daemonset", "daemonsets", "ds"),
    "ReplicaSet": ("replicaset", "replicasets", "rs"),
    "Job": ("job", "jobs"),
    "NetworkAttachmentDefinition": (
        "networkattachmentdefinition",
        "networkattachmentdefinitions",
        "net-attach-def",
        "net-attach-defs",
    ),
}
CLUSTER_SCOPED = ("SpiderIPPool", "SpiderReservedIP", "Namespace", "Node")
KINDS = {alias: kind for kind, aliases in ALIASES.items() for alias in aliases}
DEFAULT_NAMESPACE = "default"


def parse_kind(text: str) -> str:
    """The kind that a name or an alias stands for; `NotFoundError` with the nearest names."""
    kind = KINDS.get(text.lower().partition(".")[0])
    if kind:
        return kind
    near = nearest(text, KINDS)
    raise NotFoundError(
        f"there is no kind `{text}`",
        did_you_mean(near, f"the kinds are {', '.join(names[0] for names in ALIASES.values())}"),
    )


def parse_targets(kind: str, names: Sequence[str]) -> tuple[str, list[str]]:
    """(kind, names) of `KIND NAME...` or `KIND/NAME`; `NotFoundError` as `parse_kind`."""
    word, slash, name = kind.partition("/")
    return parse_kind(word), [*([name] if slash else []), *names]


def resource_name(kind: str, name: str) -> str:
    """`spiderippool/test-pod-ippool`, as `-o name` and `apply` print it."""
    return f"{ALIASES[kind][0]}/{name}"
