"""The shapes of SpiderIPPool and SpiderReservedIP, apiVersion spiderpool.spidernet.io/v2beta1."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from policy.resources.shapes import Closed, LabelSelector, SpiderMetadata

GROUP = "spiderpool.spidernet.io"
API_VERSION = f"{GROUP}/v2beta1"


class RouteShape(Closed):
    """One of `spec.routes`."""

    dst: str
    gw: str


class PoolSpecShape(Closed):
    """`spec` of a SpiderIPPool. A null or absent field has its default."""

    ip_version: int | None = None
    subnet: str
    ips: list[str] | None = None
    exclude_ips: list[str] | None = Field(default=None, alias="excludeIPs")
    gateway: str | None = None
    routes: list[RouteShape] | None = None
    pod_affinity: LabelSelector | None = None
    namespace_affinity: LabelSelector | None = None
    namespace_name: list[str] | None = None
    node_affinity: LabelSelector | None = None
    node_name: list[str] | None = None
    multus_name: list[str] | None = None
    default: bool | None = None
    disable: bool | None = None


class SpiderIPPool(Closed):
    """A SpiderIPPool as written. `status` is the server's and is not read."""

    api_version: str | None = None
    kind: str | None = None
    metadata: SpiderMetadata
    spec: PoolSpecShape
    status: Any = None


class ReservedSpecShape(Closed):
    """`spec` of a SpiderReservedIP."""

    ip_version: int | None = None
    ips: list[str] | None = None


class SpiderReservedIP(Closed):
    """A SpiderReservedIP as written."""

    api_version: str | None = None
    kind: str | None = None
    metadata: SpiderMetadata
    spec: ReservedSpecShape
    status: Any = None
