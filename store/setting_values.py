"""What may be written to the settings. Needed by `config set` and by errors alone."""

from __future__ import annotations

from model.errors import ConfigurationError
from model.naming import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_ON, _OFF = ("on", "true", "yes", "1"), ("off", "false", "no", "0")
MOST_SECONDS = 366 * 24 * 3600
# key -> (unit, least but for 0, most)
_NUMBERS = {
    "quarantine_seconds": ("seconds", 0, MOST_SECONDS),
    "journal_days": ("days", 1, 36_525),
    "journal_rows": ("rows", 1000, 10**9),
}
_UNBOUNDED = {"journal_days": "no bound by age", "journal_rows": "no bound by number"}


def unknown_key(key: str, known: Mapping[str, object]) -> ConfigurationError:
    """The error for a key that does not exist, with its nearest neighbours."""
    near = nearest(key, known) or sorted(known)
    names = ", ".join(f"`{name}`" for name in near)
    return ConfigurationError(f"there is no setting `{key}`", f"did you mean {names}?")


def checked_text(key: str, value: str | bool | int, defaults: Mapping[str, object]) -> str:
    """The text to store for a value; ConfigurationError where it makes no sense."""
    if key not in defaults:
        raise unknown_key(key, defaults)
    text = str(value).strip()
    default = defaults[key]
    if isinstance(default, bool):
        return _switch(key, text)
    if isinstance(default, int):
        return _number(key, text)
    return _namespace(key, text) if key == "namespace" else _network(key, text)


def _switch(key: str, text: str) -> str:
    if text.lower() in _ON:
        return "on"
    if text.lower() in _OFF:
        return "off"
    raise _bad(key, text, "write `on` or `off`")


def _number(key: str, text: str) -> str:
    unit, least, most = _NUMBERS[key]
    if text.isascii() and text.isdigit() and len(text) <= 12:
        number = int(text)
        if number <= most and (number >= least or number == 0):
            return str(number)
    none = f", or 0 for {_UNBOUNDED[key]}" if key in _UNBOUNDED else ""
    first = least if none else 0
    raise _bad(key, text, f"write a whole number of {unit} from {first} to {most}{none}")


def _namespace(key: str, text: str) -> str:
    if _is_name(text):
        return text
    raise _bad(key, text, "write the name of a namespace, such as `kube-system`")


def _network(key: str, text: str) -> str:
    if not text or (text.count("/") <= 1 and all(_is_name(part) for part in text.split("/"))):
        return text
    raise _bad(key, text, "write `namespace/name` of a network, such as `kube-system/macvlan`")


def _is_name(text: str) -> bool:
    """A Kubernetes object name: lower-case letters, digits, `-` and `.`, not at its ends."""
    inner = text.replace("-", "a").replace(".", "a")
    return (
        0 < len(text) <= 253
        and inner.isascii()
        and inner.isalnum()
        and text == text.lower()
        and text[0] not in "-."
        and text[-1] not in "-."
    )


def _bad(key: str, text: str, hint: str) -> ConfigurationError:
    return ConfigurationError(f"`{text}` is no value for the setting `{key}`", hint)
