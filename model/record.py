"""`Record`: values with named slots, equality and a readable repr, at no import cost.

`dataclasses` and `typing.NamedTuple` say the same, but importing either costs a CNI call more
than its whole decision (ADR 3).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class Record:
    """A value: equal to another of the same class with equal slots, and hashable if they are.

    Invariant: a record is never changed after its constructor returns; `replace` gives a copy.
    Subclasses name their fields in `__slots__` and take them, under the same names, in `__init__`.
    """

    __slots__: tuple[str, ...] = ()

    def fields(self) -> tuple[object, ...]:
        """The values of all slots, in the order of `__slots__`."""
        return tuple(getattr(self, name) for name in self.__slots__)

    def replace(self, **changes: object) -> Self:
        """A copy with the named fields changed; `TypeError` for a name that is no field."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values.update(changes)
        return type(self)(**values)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.fields() == other.fields()

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.fields()))

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({inner})"
