"""A SpiderIPPool's meaning: is it a pool that could be served? All its errors at once.

Rules of Spiderpool's webhooks, with the differences of the project's own: every selector and list
of names is checked, addresses are compared as numbers, reversed ranges are refused.
"""

from __future__ import annotations

from model.errors import ManifestError
from policy.annotations import read_annotations
from policy.auto_pools import is_auto_created, validate_auto_affinity
from policy.documents import Document
from policy.pool_spec import PoolSpec, Subnet
from policy.resources.kinds import KINDS
from policy.resources.metadata import validate_metadata
from policy.resources.spider import PoolSpecShape, SpiderIPPool
from policy.selectors import validate_selector
from policy.settings import AuthoringSettings
from policy.validate_names import read_names
from policy.validate_ranges import (
    Errors,
    family_error,
    read_ranges,
    read_subnet,
    version_error,
)
from policy.validate_routing import read_gateway, read_routes


def validate_pool(
    document: Document, pool: SpiderIPPool, settings: AuthoringSettings
) -> PoolSpec | list[ManifestError]:
    """The pool with its defaults, or everything wrong with it. Other pools are not looked at."""
    errors: Errors = list(validate_metadata(document, KINDS["SpiderIPPool"], pool.metadata))
    spec = pool.spec
    subnet = read_subnet(document, spec.subnet, errors)
    family = _family(document, spec, subnet, settings, errors)
    ips, exclude = (
        read_ranges(document, ("spec", field), texts, family, subnet, errors)
        for field, texts in (("ips", spec.ips), ("excludeIPs", spec.exclude_ips))
    )
    _selectors(document, pool, errors)
    names = [
        read_names(document, field, listed, errors)
        for field, listed in (
            ("nodeName", spec.node_name),
            ("namespaceName", spec.namespace_name),
            ("multusName", spec.multus_name),
        )
    ]
    gateway = (
        "" if subnet is None else read_gateway(document, spec.gateway, subnet, ips, exclude, errors)
    )
    routes = () if subnet is None else read_routes(document, spec.routes, subnet, errors)
    extensions = read_annotations(document, pool.metadata.annotations, errors)
    if errors or subnet is None:
        return errors
    return PoolSpec(
        document=document,
        name=pool.metadata.name or "",
        labels=pool.metadata.labels or {},
        annotations=pool.metadata.annotations or {},
        subnet=subnet,
        ips=ips,
        exclude=exclude,
        gateway=gateway,
        written_routes=tuple((route.dst, route.gw) for route in spec.routes or ()),
        routes=routes,
        pod_affinity=spec.pod_affinity,
        node_affinity=spec.node_affinity,
        namespace_affinity=spec.namespace_affinity,
        node_name=names[0],
        namespace_name=names[1],
        multus_name=names[2],
        deleted_at=str(pool.metadata.deletion_timestamp or ""),
        default=bool(spec.default),
        disable=bool(spec.disable),
        extensions=extensions,
    )


def _family(
    document: Document,
    spec: PoolSpecShape,
    subnet: Subnet | None,
    settings: AuthoringSettings,
    errors: Errors,
) -> int | None:
    """The family by `ipVersion` or subnet; None where nothing tells it."""
    path = ("spec", "ipVersion")
    version = spec.ip_version
    wrong = None if version is None else version_error(document, version)
    if wrong is not None:
        errors.append(wrong)
        version = None
    if version is not None and subnet is not None and version != subnet.family:
        message = f"`spec.ipVersion` is {version}, but the subnet `{subnet.text}` is not"
        hint = f"write `{subnet.family}`, or leave `ipVersion` out"
        errors.append(document.error("invalid-subnet", path, message, hint))
    family = subnet.family if subnet is not None else version
    if family is not None:
        disabled = family_error(document, ("spec", "subnet"), family, settings)
        errors.extend([disabled] if disabled else [])
    return family


def _selectors(document: Document, pool: SpiderIPPool, errors: Errors) -> None:
    spec = pool.spec
    path = ("spec", "podAffinity")
    if spec.pod_affinity is not None and is_auto_created(pool.metadata.labels):
        errors.extend(validate_auto_affinity(document, path, spec.pod_affinity))
    elif spec.pod_affinity is not None:
        if spec.pod_affinity.is_empty:
            message = "`spec.podAffinity` is empty and would match every Pod"
            hint = "leave it out to let every Pod use the pool"
            errors.append(document.error("empty-selector", path, message, hint))
        errors.extend(validate_selector(document, path, spec.pod_affinity))
    errors.extend(validate_selector(document, ("spec", "nodeAffinity"), spec.node_affinity))
    errors.extend(
        validate_selector(document, ("spec", "namespaceAffinity"), spec.namespace_affinity)
    )
