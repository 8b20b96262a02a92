"""CNI results and errors as JSON values, in the shape that each cniVersion asks for."""

from __future__ import annotations

from model.errors import DecisionError, PoolweaverError, cni_code
from policy.reasons import DETAILS_BYTES, MESSAGE_BYTES, clip, details_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.leases import Lease

WITH_IP_VERSION = (
    "0.3.0",
    "0.3.1",
    "0.4.0",
)  # results before 1.0.0 say "4" or "6" with each address


def add_result(version: str, leases: Sequence[Lease]) -> dict[str, object]:
    """The result of ADD: `ips`, `routes`, `dns`; no `interfaces`, as of an IPAM plugin."""
    ips = []
    routes: list[dict[str, str]] = []
    for lease in leases:
        entry = {"address": lease.answer.address}
        if version in WITH_IP_VERSION:
            entry = {"version": str(lease.family), **entry}
        if lease.answer.gateway:
            entry["gateway"] = lease.answer.gateway
        ips.append(entry)
        routes += [_route(dst, gw) for dst, gw in lease.answer.routes]
    result: dict[str, object] = {"cniVersion": version, "ips": ips}
    if routes:
        result["routes"] = routes
    result["dns"] = {}
    return result


def _route(dst: str, gw: str) -> dict[str, str]:
    return {"dst": dst, "gw": gw} if gw else {"dst": dst}


def error_result(version: str, error: PoolweaverError) -> dict[str, object]:
    """The error object: the reason in at most 512 bytes, hint and explanation in at most 4 KiB."""
    details = [error.hint] if error.hint else []
    if isinstance(error, DecisionError) and error.decision_id:
        kept = error.decision_id
        details.append(f"decision {kept} is kept: `poolweaver replay {kept}`")
    if isinstance(error, DecisionError) and error.decision is not None:
        details.append(details_of(error.decision))
    return {
        "cniVersion": version,
        "code": cni_code(error),
        "msg": clip(error.message, MESSAGE_BYTES),
        "details": clip("\n".join(details), DETAILS_BYTES),
    }


def version_result(version: str, supported: Sequence[str]) -> dict[str, object]:
    """The answer to VERSION, with the caller's version echoed (specification, section 5)."""
    return {"cniVersion": version, "supportedVersions": list(supported)}
