"""The environment variables of a CNI call (specification, section 2), checked."""

from __future__ import annotations

from ipam.cni_config import is_identifier
from model.errors import CniError
from model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERBS = ("ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION")
# What each verb cannot do without. The specification leaves CNI_NETNS out for DEL.
REQUIRED = {
    "ADD": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"),
    "CHECK": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"),
    "DEL": ("CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH"),
    "GC": ("CNI_PATH",),
    "STATUS": (),
    "VERSION": (),
}
POD_KEYS = ("K8S_POD_NAMESPACE", "K8S_POD_NAME", "K8S_POD_UID", "K8S_POD_INFRA_CONTAINER_ID")
ADDRESS_KEY = "IP"
KNOWN_KEYS = (*POD_KEYS, ADDRESS_KEY)
IFNAME_MOST = 15  # IFNAMSIZ - 1, linux/if.h


class CniEnvironment(Record):
    """A call's verb and whom it is for. `pod_namespace` is `default` where only a Pod was named.

    `addresses` are those asked for by `IP=`, as they are written.
    """

    __slots__ = (
        "addresses",
        "container_id",
        "ifname",
        "netns",
        "pod_name",
        "pod_namespace",
        "pod_uid",
        "verb",
    )

    def __init__(
        self,
        verb: str,
        container_id: str,
        ifname: str,
        netns: str,
        pod_namespace: str,
        pod_name: str,
        pod_uid: str,
        addresses: Sequence[str] = (),
    ) -> None:
        self.addresses = addresses
        self.verb = verb
        self.container_id = container_id
        self.ifname = ifname
        self.netns = netns
        self.pod_namespace = pod_namespace
        self.pod_name = pod_name
        self.pod_uid = pod_uid


def parse_environment(environ: Mapping[str, str]) -> CniEnvironment:
    """The call, checked; `CniError` (CNI code 4) names every variable that is missing or wrong."""
    verb = environ.get("CNI_COMMAND", "")
    if verb not in VERBS:
        raise _invalid(f"CNI_COMMAND is `{verb}`", f"it is one of {', '.join(VERBS)}")
    missing = [name for name in REQUIRED[verb] if not environ.get(name)]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise _invalid(
            f"missing environment variable{plural} {', '.join(missing)}",
            f"{verb} needs {', '.join(REQUIRED[verb])}",
        )
    container_id, ifname = environ.get("CNI_CONTAINERID", ""), environ.get("CNI_IFNAME", "")
    if container_id and not is_identifier(container_id):
        raise _invalid(
            f"CNI_CONTAINERID is `{container_id}`",
            "it starts with a letter or digit and has letters, digits, `_`, `.` and `-`",
        )
    if ifname:
        _check_ifname(ifname)
    args = parse_args(environ.get("CNI_ARGS", ""))
    pod_name = args.get("K8S_POD_NAME", "")
    return CniEnvironment(
        verb,
        container_id,
        ifname,
        environ.get("CNI_NETNS", ""),
        (args.get("K8S_POD_NAMESPACE") or "default") if pod_name else "",
        pod_name,
        args.get("K8S_POD_UID", "") if pod_name else "",
        [text for text in args.get(ADDRESS_KEY, "").split(",") if text],
    )


def parse_args(text: str) -> dict[str, str]:
    """`CNI_ARGS`: `KEY=VALUE` pairs joined by `;`.

    A key we do not know is an error unless `IgnoreUnknown` is `1` or `true`, as in the CNI
    project's own library; unlike there, a `;` at the end is let pass.
    """
    args: dict[str, str] = {}
    if not text.isprintable():
        raise _invalid("CNI_ARGS has characters that are no text", "write `KEY=VALUE;KEY=VALUE`")
    text = text.removesuffix(";")
    for pair in text.split(";") if text else ():
        key, equals, value = pair.partition("=")
        if not equals or "=" in value or not key:
            raise _invalid(
                f"CNI_ARGS has the malformed pair `{pair}`", "write `KEY=VALUE;KEY=VALUE`"
            )
        args[key] = value
    ignore = args.pop("IgnoreUnknown", "0").lower()
    if ignore not in ("0", "1", "true", "false"):
        raise _invalid(f"CNI_ARGS has `IgnoreUnknown={ignore}`", "write `1` or `0`")
    unknown = [key for key in args if key not in KNOWN_KEYS]
    if unknown and ignore in ("0", "false"):
        raise _invalid(
            f"CNI_ARGS has the unknown key{'s' if len(unknown) > 1 else ''} {', '.join(unknown)}",
            "add `IgnoreUnknown=1` to let unknown keys pass",
        )
    return args


def _check_ifname(ifname: str) -> None:
    bad = any(c in "/:" or c.isspace() for c in ifname)
    if bad or ifname in (".", "..") or len(ifname.encode()) > IFNAME_MOST:
        raise _invalid(
            f"CNI_IFNAME is `{ifname}`",
            f"an interface name has at most {IFNAME_MOST} bytes and no `/`, `:` or whitespace",
        )


def _invalid(message: str, hint: str) -> CniError:
    return CniError(message, hint, code="invalid-cni-environment")
