"""The shapes of the Kubernetes kinds we read, with the fields we read alone."""

from __future__ import annotations

from policy.resources.shapes import LabelSelector, Metadata, Open


class PodSpec(Open):
    """`spec` of a Pod or of a Pod template."""

    node_name: str | None = None
    node_selector: dict[str, str] | None = None
    restart_policy: str | None = None


class PodStatus(Open):
    """`status` of a Pod."""

    phase: str | None = None
    reason: str | None = None


class Plain(Open):
    """An object of which the metadata is all we read."""

    metadata: Metadata


class Pod(Open):
    """A Pod."""

    metadata: Metadata
    spec: PodSpec | None = None
    status: PodStatus | None = None


class PodTemplate(Open):
    """`spec.template` of a workload."""

    metadata: Metadata | None = None
    spec: PodSpec | None = None


class Ordinals(Open):
    """`spec.ordinals` of a StatefulSet."""

    start: int | None = None


class WorkloadSpec(Open):
    """`spec` of a Deployment, StatefulSet, DaemonSet or ReplicaSet."""

    replicas: int | None = None
    selector: LabelSelector
    template: PodTemplate
    ordinals: Ordinals | None = None


class Workload(Open):
    """A Deployment, StatefulSet, DaemonSet or ReplicaSet."""

    metadata: Metadata
    spec: WorkloadSpec


class JobSpec(Open):
    """`spec` of a Job."""

    completions: int | None = None
    parallelism: int | None = None
    selector: LabelSelector | None = None
    template: PodTemplate


class Job(Open):
    """A Job."""

    metadata: Metadata
    spec: JobSpec
