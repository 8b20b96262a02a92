"""What is asked of the IPAM: an interface of a Pod, or of a container that is no Pod."""

from __future__ import annotations

from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.leases import Attachment


class Request(Record):
    """One interface that wants its addresses.

    `pod_name` is empty for a container without Pod; its labels are then `labels`. `pod_uid` is
    empty where the runtime sent none. `cni_defaults` maps 4 and 6 to pool names of the CNI
    configuration. `clean_gateway` asks for no default route. `annotations` are what the runtime
    says of the Pod's; they go before those in the store. `addresses` are asked for by number, at
    most one a family.
    """

    __slots__ = (
        "addresses",
        "annotations",
        "attachment",
        "clean_gateway",
        "cni_defaults",
        "labels",
        "pod_name",
        "pod_namespace",
        "pod_uid",
    )

    def __init__(
        self,
        attachment: Attachment,
        pod_namespace: str = "",
        pod_name: str = "",
        pod_uid: str = "",
        cni_defaults: Mapping[int, Sequence[str]] | None = None,
        labels: Mapping[str, str] | None = None,
        clean_gateway: bool = False,
        annotations: Mapping[str, str] | None = None,
        addresses: Mapping[int, int] | None = None,
    ) -> None:
        self.annotations = annotations or {}
        self.addresses = addresses or {}
        self.attachment = attachment
        self.pod_namespace = pod_namespace
        self.pod_name = pod_name
        self.pod_uid = pod_uid
        self.cni_defaults = cni_defaults or {}
        self.labels = labels or {}
        self.clean_gateway = clean_gateway

    @property
    def pod_text(self) -> str:
        """`namespace/name`, or empty where there is no Pod."""
        return f"{self.pod_namespace}/{self.pod_name}" if self.pod_name else ""
