"""The shape of SpiderEndpoint: what Spiderpool gave a Pod. Read to take it over, never written."""

from __future__ import annotations

from model.ranges import RangeSyntaxError, parse_address
from policy.labels import dns_label_problem, subdomain_problem
from policy.resources.shapes import Open
from policy.resources.spider import RouteShape
from policy.wording import shown

KIND = "SpiderEndpoint"
_INTERFACE_NAME_BYTES = 15  # IFNAMSIZ - 1, linux/if.h
INTERFACE_NAME_HINT = (
    f"an interface name has at most {_INTERFACE_NAME_BYTES} bytes and no `/`, `:` or blank"
)


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


def name_problems(metadata: EndpointMetadata) -> list[tuple[str, str]]:
    """(field, message) for `name` and `namespace` where Kubernetes gives no Pod such a one."""
    rows = (
        ("name", metadata.name, subdomain_problem(metadata.name)),
        ("namespace", metadata.namespace, dns_label_problem(metadata.namespace)),
    )
    return [(field, f"the {field} {shown(text)} {why}") for field, text, why in rows if why]


def is_interface_name(text: str) -> bool:
    """Whether CNI allows it; a runtime can have asked for no other."""
    return (
        text not in ("", ".", "..")
        and len(text.encode(errors="surrogatepass")) <= _INTERFACE_NAME_BYTES
        and not any(c in "/:" or c.isspace() for c in text)
    )


def address_family(text: str) -> int:
    """4 or 6 for an address, 0 for what is none."""
    try:
        return parse_address(text)[0]
    except RangeSyntaxError:
        return 0
