"""What a command gives back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` for people, perhaps with colours; `data` the same for programs, as JSON values.

    `exit_code` is what a script ends with if nothing worse happens: 4 where the Pod gets no
    address. `ends` asks for the end of the session.
    """

    text: str
    data: object
    exit_code: int = 0
    ends: bool = False
