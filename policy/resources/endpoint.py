"""The shape of SpiderEndpoint: what Spiderpool gave a Pod. Read to take it over, never written."""

from __future__ import annotations

from policy.resources.shapes import Open
from policy.resources.spider import RouteShape

KIND = "SpiderEndpoint"


class EndpointMetadata(Open):
    """What is read of `metadata`: the names of the Pod."""

    name: str
    namespace: str


class EndpointInterface(Open):
    """One of `status.current.ips`: an interface, with its address of either family."""

    interface: str | None = None
    ipv4: str | None = None
    ipv4_pool: str | None = None
    ipv4_gateway: str | None = None
    ipv6: str | None = None
    ipv6_pool: str | None = None
    ipv6_gateway: str | None = None
    clean_gateway: bool | None = None
    routes: list[RouteShape] | None = None


class EndpointCurrent(Open):
    """`status.current`."""

    uid: str | None = None
    node: str | None = None
    ips: list[EndpointInterface] | None = None


class EndpointStatus(Open):
    """`status`."""

    current: EndpointCurrent | None = None
    owner_controller_type: str | None = None
    owner_controller_name: str | None = None


class SpiderEndpoint(Open):
    """A SpiderEndpoint as Spiderpool writes it."""

    metadata: EndpointMetadata
    status: EndpointStatus | None = None
