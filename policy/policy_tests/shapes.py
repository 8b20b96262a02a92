"""The shape of a PolicyTest as written. Its JSON Schema is made from these classes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from policy.resources.shapes import Closed

API_VERSION = "poolweaver.io/v1"
KIND = "PolicyTest"


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_node(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _as_setting(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int) else value


_TEXTS = {"type": "array", "items": {"type": "string"}}
_NODE = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            "required": ["name"],
            "additionalProperties": False,
        },
    ]
}
# One text stands for a list of one.
Texts = Annotated[
    list[str],
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, _TEXTS]}),
]
# As of `config set`, where `on` may be written `true` and a number without quotes.
Setting = Annotated[
    str, BeforeValidator(_as_setting), WithJsonSchema({"type": ["string", "boolean", "integer"]})
]


class OwnerShape(Closed):
    """The controller that a Pod belongs to."""

    kind: str
    name: str


class PodShape(Closed):
    """A Pod; beside `from`, what is other than in the Pod named there. A null takes a key away."""

    namespace: str | None = None
    name: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None
    owner: OwnerShape | None = None


class NamespaceShape(Closed):
    """What the Pod's Namespace has besides what the manifests say. A null takes a key away."""

    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None


class NodeShape(Closed):
    """The Pod's Node, and the labels it has besides what the manifests say."""

    name: str
    labels: dict[str, str] | None = None


class CniShape(Closed):
    """The default pools of the CNI configuration."""

    default_ipv4_ippool: Texts | None = Field(default=None, alias="default_ipv4_ippool")
    default_ipv6_ippool: Texts | None = Field(default=None, alias="default_ipv6_ippool")


class ExpectShape(Closed):
    """What must come out. All that is written must hold."""

    pool: Texts | None = Field(default=None, description="The chosen pool, of each family one.")
    pools: list[str] | None = Field(
        default=None, description="All pools that match, in order, IPv4 before IPv6."
    )
    address: Texts | None = Field(
        default=None, description="Addresses or ranges that the next address must be of."
    )
    filtered: dict[str, Texts] | None = Field(
        default=None, description="Pools that are out, each with exactly the fields it is out for."
    )
    refused: Texts | None = Field(
        default=None, description="The Pod gets nothing, for exactly these fields of all pools."
    )
    error: str | None = Field(
        default=None, description="The Pod gets nothing, with this error code."
    )


class FactsShape(Closed):
    """Whose interface is decided, and what must come out."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description="A Pod or workload of the manifests: `Kind/name` or `Kind/namespace/name`.",
    )
    pod: PodShape | None = None
    namespace: NamespaceShape | None = None
    node: Annotated[NodeShape, BeforeValidator(_as_node), WithJsonSchema(_NODE)] | None = None
    nic: str | None = Field(default=None, description="The interface; `eth0` where none is named.")
    cni: CniShape | None = None
    expect: ExpectShape | None = None


class RowShape(FactsShape):
    """A row of a table: what it writes goes before what its test writes."""

    name: str


class CaseShape(FactsShape):
    """One test; with `rows`, one for each of them."""

    name: str
    rows: list[RowShape] | None = None


class MetadataShape(Closed):
    """The name of the tests of a file."""

    name: str | None = None


class PolicyTest(Closed):
    """Tests of the pools in some manifests."""

    api_version: str
    kind: str
    metadata: MetadataShape | None = None
    manifests: list[str] | None = Field(
        default=None,
        description="Files and folders, seen from this file; else all manifests beside it.",
    )
    settings: dict[str, Setting] | None = Field(
        default=None, description="Settings as of `poolweaver config set`."
    )
    tests: list[CaseShape]
