"""Every error a user can meet, as one tree.

    PoolweaverError
    ├── RuleError               text of the rule language
    ├── ManifestError           a manifest that was given; always has a span
    ├── InvalidManifestsError   all the ManifestErrors of one run
    ├── DecisionError           no address for this Pod
    │   ├── UnknownFactsError       something about it is not known yet: try again
    │   ├── CandidateError          its annotations or defaults name pools wrongly
    │   ├── NoMatchingPoolError     every candidate was filtered out
    │   ├── PoolExhaustedError      every matching pool is full
    │   └── RequestedAddressError   the address asked for by number is not to be had
    ├── StoreError              the database cannot do what was asked
    │   ├── StoreBusyError          somebody else is writing: try again (the only retryable one)
    │   ├── StoreMissingError       there is no database yet
    │   ├── StoreSchemaError        an older or newer program wrote it
    │   └── NodeBindingError        it serves another node
    ├── CniError                a CNI call that breaks the specification
    ├── NotFoundError           a name that does not exist
    ├── InUseError              refused because leases depend on it
    └── ConfigurationError      a setting that makes no sense

`message` is one line, lower-case, without a full stop; what to do next is the `hint`; where it is,
is the `span`. `code` is stable and stands in docs/errors.md. `EDGES` maps each class to the exit
code of the command line and the `code` of a CNI error object.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.decisions import Decision
    from model.spans import Span

# Codes that one class may bear; the first is the one it bears unless told otherwise.
CODES: dict[str, tuple[str, ...]] = {
    "RuleError": ("rule-syntax", "rule-version", "rule-type"),
    "ManifestError": (
        "invalid-manifest",
        "manifest-syntax",
        "manifest-unreadable",
        "unknown-field",
        "missing-field",
        "wrong-type",
        "invalid-value",
        "invalid-name",
        "invalid-label",
        "invalid-address",
        "invalid-subnet",
        "invalid-range",
        "reversed-range",
        "cidr-in-ips",
        "range-outside-subnet",
        "address-overlap",
        "subnet-overlap",
        "gateway-outside-subnet",
        "gateway-in-ips",
        "invalid-route",
        "invalid-selector",
        "empty-selector",
        "invalid-annotation",
        "immutable-field",
        "address-in-use",
        "duplicate-object",
        "family-disabled",
        "terminating-pool",
        "invalid-status",
        "pool-missing",
        "address-outside-pool",
        "entry-without-endpoint",
        "endpoint-without-entry",
        "entry-disagrees",
        "held-twice",
        "held-by-another",
        "address-reserved",
        "unsupported-owner",
        "incomplete-list",
    ),
    "InvalidManifestsError": ("invalid-manifests",),
    "DecisionError": ("pod-ended",),
    "UnknownFactsError": ("unknown-facts",),
    "CandidateError": (
        "no-candidate",
        "unknown-pool",
        "duplicate-pool",
        "invalid-pool-annotation",
        "invalid-pool-pattern",
        "invalid-route-annotation",
        "invalid-network-annotation",
        "not-supported",
    ),
    "NoMatchingPoolError": ("no-matching-pool",),
    "PoolExhaustedError": ("pool-exhausted",),
    "RequestedAddressError": ("address-not-in-pools", "address-taken"),
    "StoreError": (
        "store-failed",
        "store-full",
        "store-read-only",
        "store-damaged",
        "store-foreign",
        "store-broken",
        "store-in-use",
        "store-would-lose",
        "index-disagrees",
    ),
    "StoreBusyError": ("store-busy",),
    "StoreMissingError": ("store-missing",),
    "StoreSchemaError": ("store-schema",),
    "NodeBindingError": ("node-binding",),
    "CniError": (
        "invalid-cni-environment",
        "invalid-cni-config",
        "cni-decode-failed",
        "cni-version",
        "cni-check-failed",
        "agent-peer",
    ),
    "NotFoundError": ("not-found", "decision-not-kept", "rule-text-missing"),
    "InUseError": ("in-use",),
    "ConfigurationError": (
        "invalid-setting",
        "invalid-argument",
        "agent-socket",
        "client-missing",
        "unreadable-file",
        "unwritable-file",
        "invalid-decision",
        "no-test",
    ),
}


class PoolweaverError(Exception):
    """Base of all. Never raised itself.

    `retryable` is true for `StoreBusyError` alone: the same call may succeed a moment later.
    """

    retryable = False

    def __init__(
        self, message: str, hint: str = "", span: Span | None = None, code: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.span = span
        self.code = code or CODES[type(self).__name__][0]


class RuleError(PoolweaverError):
    """Text that is not the rule language.

    `expected` holds what would have been right, in human words, sorted. `source_line` is the line
    of text at `span`, for the caret.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        span: Span | None = None,
        code: str = "",
        expected: Sequence[str] = (),
        source_line: str = "",
    ) -> None:
        super().__init__(message, hint, span, code)
        self.expected = tuple(expected)
        self.source_line = source_line


class ManifestError(PoolweaverError):
    """One thing wrong in a manifest. `field` is its path, such as `spec.ips[2]`, or empty.

    `of` is the object, as `Kind/name` or `Kind/namespace/name`; empty where none can be named.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        span: Span | None = None,
        code: str = "",
        field: str = "",
        of: str = "",
    ) -> None:
        super().__init__(message, hint, span, code)
        self.field = field
        self.of = of


class InvalidManifestsError(PoolweaverError):
    """Everything wrong in the manifests of one run, in the order of files and lines."""

    def __init__(self, errors: Sequence[ManifestError]) -> None:
        self.errors = tuple(errors)
        count = len(self.errors)
        super().__init__(
            f"{count} error{'' if count == 1 else 's'} in the manifests; nothing was done"
        )


class DecisionError(PoolweaverError):
    """A Pod's interface gets no address. `decision` carries the explanation, when there is one.

    `decision_id` is set where the refusal was kept: the id to find it by; 0 where it was not.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        span: Span | None = None,
        code: str = "",
        decision: Decision | None = None,
    ) -> None:
        super().__init__(message, hint, span, code)
        self.decision = decision
        self.decision_id = 0


class UnknownFactsError(DecisionError):
    """A fact that decides is not known (yet): nothing is refused, the call is to be repeated."""


class CandidateError(DecisionError):
    """The source that names the candidate pools is malformed, or names what cannot be."""


class NoMatchingPoolError(DecisionError):
    """Every candidate of a family was filtered out."""


class PoolExhaustedError(DecisionError):
    """Pools match, but none has a free address."""


class RequestedAddressError(DecisionError):
    """An address that the runtime asked for by number cannot be given."""


class StoreError(PoolweaverError):
    """The database failed; nothing was changed."""


class StoreBusyError(StoreError):
    """Another writer held the database for longer than the bounded wait."""

    retryable = True


class StoreMissingError(StoreError):
    """There is no database at this path."""


class StoreSchemaError(StoreError):
    """The database was written by an older or a newer program."""


class NodeBindingError(StoreError):
    """The database is bound to another node."""


class CniError(PoolweaverError):
    """A CNI call that breaks the specification; `code` picks the CNI code by `CNI_CODES`."""


class NotFoundError(PoolweaverError):
    """A name that does not exist."""


class InUseError(PoolweaverError):
    """Refused because leases depend on it."""


class ConfigurationError(PoolweaverError):
    """A setting, a flag or an installation that makes no sense."""


EXIT_FAILED, EXIT_USAGE, EXIT_FINDINGS, EXIT_NO_ADDRESS = 1, 2, 3, 4

# class -> (exit code of the command line, code of a CNI error object)
EDGES: dict[type[PoolweaverError], tuple[int, int]] = {
    RuleError: (EXIT_FINDINGS, 7),
    ManifestError: (EXIT_FINDINGS, 7),
    InvalidManifestsError: (EXIT_FINDINGS, 7),
    DecisionError: (EXIT_NO_ADDRESS, 100),
    UnknownFactsError: (EXIT_NO_ADDRESS, 11),
    CandidateError: (EXIT_NO_ADDRESS, 102),
    NoMatchingPoolError: (EXIT_NO_ADDRESS, 101),
    PoolExhaustedError: (EXIT_NO_ADDRESS, 103),
    RequestedAddressError: (EXIT_NO_ADDRESS, 106),
    StoreError: (EXIT_FAILED, 5),
    StoreBusyError: (EXIT_FAILED, 11),
    StoreMissingError: (EXIT_FAILED, 5),
    StoreSchemaError: (EXIT_FAILED, 11),
    NodeBindingError: (EXIT_FAILED, 104),
    CniError: (EXIT_FAILED, 7),
    NotFoundError: (EXIT_FAILED, 7),
    InUseError: (EXIT_FAILED, 7),
    ConfigurationError: (EXIT_FAILED, 7),
}

# The CNI specification gives these their own codes (section "Error").
CNI_CODES = {
    "cni-version": 1,
    "invalid-cni-environment": 4,
    "cni-decode-failed": 6,
    "invalid-cni-config": 7,
    "agent-peer": 4,
    "cni-check-failed": 105,
}


def exit_code(error: PoolweaverError) -> int:
    """The exit code of the command line for this error."""
    return EDGES[type(error)][0]


def cni_code(error: PoolweaverError) -> int:
    """The `code` of the CNI error object for this error."""
    return CNI_CODES.get(error.code, EDGES[type(error)][1])
