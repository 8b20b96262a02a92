"""Which kinds are read, and as what.

read       a row of KINDS with the right apiVersion
refused    almost such a row: a misspelt kind, a wrong version
skipped    everything else
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from model.naming import nearest
from policy.documents import Document
from policy.resources.core import Job, Plain, Pod, Workload
from policy.resources.spider import API_VERSION, GROUP, SpiderIPPool, SpiderReservedIP
from policy.wording import shown


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind that is read: its name, its apiVersion, its shape, and whether it has a namespace."""

    name: str
    api_version: str
    shape: type[BaseModel]
    namespaced: bool

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return self.api_version.rpartition("/")[0]


KINDS = {
    kind.name: kind
    for kind in (
        Kind("SpiderIPPool", API_VERSION, SpiderIPPool, namespaced=False),
        Kind("SpiderReservedIP", API_VERSION, SpiderReservedIP, namespaced=False),
        Kind("Pod", "v1", Pod, namespaced=True),
        Kind("Namespace", "v1", Plain, namespaced=False),
        Kind("Node", "v1", Plain, namespaced=False),
        Kind("Deployment", "apps/v1", Workload, namespaced=True),
        Kind("StatefulSet", "apps/v1", Workload, namespaced=True),
        Kind("DaemonSet", "apps/v1", Workload, namespaced=True),
        Kind("ReplicaSet", "apps/v1", Workload, namespaced=True),
        Kind("Job", "batch/v1", Job, namespaced=True),
        Kind("NetworkAttachmentDefinition", "k8s.cni.cncf.io/v1", Plain, namespaced=True),
    )
}

# Spiderpool's other kinds: known, and not needed for a decision.
_OTHER_SPIDER_KINDS = (
    "SpiderSubnet",
    "SpiderEndpoint",
    "SpiderCoordinator",
    "SpiderMultusConfig",
    "SpiderClaimParameter",
)
# A kind of ours in one of these groups is meant to be ours; elsewhere it is somebody else's.
_GROUPS = {kind.group for kind in KINDS.values()} | {"extensions"}


def kind_of(document: Document) -> Kind | None:
    """The row of KINDS that reads the document, or None for one to skip.

    `ManifestError` where the document is almost of a kind that is read.
    """
    group = document.api_version.rpartition("/")[0]
    kind = KINDS.get(document.kind)
    if kind is not None and document.api_version == kind.api_version:
        return kind
    if kind is not None and (group in _GROUPS or kind.group == GROUP):
        raise document.error(
            "invalid-value",
            ("apiVersion",),
            f"there is no {kind.name} in apiVersion {shown(document.api_version)}",
            f"write `apiVersion: {kind.api_version}`",
        )
    meant = _misspelt(document.kind, group)
    if meant:
        raise document.error(
            "invalid-value",
            ("kind",),
            f"there is no kind {shown(document.kind)} in apiVersion {shown(document.api_version)}",
            f"did you mean `{meant}`?",
        )
    return None


def _misspelt(kind: str, group: str) -> str:
    """The kind that was meant, or empty where the kind may well exist."""
    if group == GROUP and kind not in _OTHER_SPIDER_KINDS:
        known = (*(name for name in KINDS if KINDS[name].group == GROUP), *_OTHER_SPIDER_KINDS)
        return (nearest(kind, known, 1) or [""])[0]
    by_case = {name.lower(): name for name in KINDS if KINDS[name].group == group}
    meant = by_case.get(kind.lower(), "")
    return "" if meant == kind else meant
