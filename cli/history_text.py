"""What `history` prints: holdings as rows and as documents, and answers as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cli.tables import table
from cli.time_text import time_text
from ipam.history import AddressHistory
from ipam.holdings import Answer, Holding
from model.addresses import address_text
from model.leases import KEPT

DIGEST_DIGITS = 12
_HEADINGS = ("FROM", "TO", "HOLDER", "POOL", "ENDED", "RULES", "DECISION")
_MORE = ("NODE", "NETWORK", "INTERFACE", "CONTAINER", "UID")
_ENDED = {
    "released": "released",
    "reclaimed": "given on",
    "kept": "kept for its StatefulSet",
    "taken-over": "taken over by its next sandbox",
}


def listing(
    nobody: str,
    holdings: Sequence[Holding],
    known_from: int | None,
    *,
    known: bool,
    since: str | None,
    wide: bool,
    with_address: bool,
) -> tuple[str, str]:
    """(table, note for people or empty). `known` as in `Answer`, of the time since `since`."""
    goes_back = _goes_back(known_from)
    if not holdings:
        when = f" since {since}" if since else ""
        return f"{nobody}{when}, as far as is known: {goes_back}", ""
    text = _table(holdings, known_from, wide=wide, with_address=with_address)
    forgotten = any(one.from_seconds is None for one in holdings)
    return text, f"note: {goes_back}" if forgotten or (since and not known) else ""


def answer_text(history: AddressHistory, found: Answer, wide: bool) -> str:
    """The answer as a sentence, and below it the holdings that it speaks of."""
    when, goes_back = _when(found), _goes_back(history.known_from)
    if found.holdings:
        who = ", then ".join(dict.fromkeys(map(_who, found.holdings)))
        lines = [f"{history.text} was held by {who} {when}"]
        if not found.known:
            lines.append(f"others may have held it then, too: {goes_back}")
        lines.append(_table(found.holdings, history.known_from, wide=wide))
        return "\n".join(lines)
    if found.known:
        never = "" if found.before else f", nor earlier, as far as is known: {goes_back}"
        lines = [f"nobody held {history.text} {when}{never}"]
    else:
        lines = [f"it cannot be known who held {history.text} {when}: {goes_back}"]
    around = [("last before", found.before), ("first after", found.after)]
    rows = [(word, one) for word, one in around if one is not None]
    if rows:
        holdings = [one for _, one in rows]
        words = [word for word, _ in rows]
        lines.append(_table(holdings, history.known_from, wide=wide, words=words))
    return "\n".join(lines)


def document(
    subject: Mapping[str, str], holdings: Iterable[Holding], known_from: int | None
) -> dict[str, object]:
    """The holdings for programs; `journalFrom` is the time from which nothing is missing."""
    return {**subject, "journalFrom": _time(known_from), "holdings": [*map(_document, holdings)]}


def answer_document(history: AddressHistory, found: Answer) -> dict[str, object]:
    """The answer for programs: `answer` is `held`, `nobody` or `unknown`.

    `complete` is false where others may have held the address in these seconds, too.
    """
    nobody = "nobody" if found.known else "unknown"
    return {
        "address": history.text,
        "from": time_text(found.start),
        "to": time_text(found.end),
        "answer": "held" if found.holdings else nobody,
        "complete": found.known,
        "journalFrom": _time(history.known_from),
        "holdings": [_document(one) for one in found.holdings],
        "before": _document(found.before) if found.before else None,
        "after": _document(found.after) if found.after else None,
    }


def _table(
    holdings: Sequence[Holding],
    known_from: int | None,
    *,
    wide: bool,
    with_address: bool = False,
    words: Sequence[str] = (),
) -> str:
    headings = [*_HEADINGS[:-1], *(_MORE if wide else ()), _HEADINGS[-1]]
    rows = [_row(one, known_from, wide) for one in holdings]
    if with_address:
        headings.insert(2, "ADDRESS")
        for row, one in zip(rows, holdings, strict=True):
            row.insert(2, address_text(one.family, one.address))
    if words:
        headings.insert(0, "WHEN")
        rows = [[word, *row] for word, row in zip(words, rows, strict=True)]
    return table(headings, rows)


def _row(one: Holding, known_from: int | None, wide: bool) -> list[str]:
    at = one.attachment
    more = [at.node, at.network, at.ifname, at.container_id, one.holder.pod_uid] if wide else []
    return [
        _from(one, known_from),
        "now" if one.to_seconds is None else time_text(one.to_seconds),
        _who(one),
        one.pool,
        _ending(one),
        one.rules_digest[:DIGEST_DIGITS],
        *more,
        one.decision,
    ]


def _from(one: Holding, known_from: int | None) -> str:
    if one.from_seconds is not None:
        return time_text(one.from_seconds)
    known = [time for time in (known_from, one.to_seconds) if time is not None]
    return f"before {time_text(min(known))}"


def _who(one: Holding) -> str:
    name = one.holder.pod_text or f"container {one.attachment.container_id}"
    return f"{name} (kept)" if one.state == KEPT else name


def _ending(one: Holding) -> str:
    if not one.ended:
        return "still kept" if one.state == KEPT else "still held"
    text = _ENDED[one.ended]
    return f"{text}: {one.end_reason}" if one.end_reason else text


def _when(found: Answer) -> str:
    if found.end - found.start == 1:
        return f"at {time_text(found.start)}"
    return f"from {time_text(found.start)} to {time_text(found.end)}"


def _goes_back(known_from: int | None) -> str:
    if known_from is None:
        return "the journal is empty, since no address was ever handed out"
    return f"the journal goes back to {time_text(known_from)}"


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else time_text(seconds)


def _document(one: Holding) -> dict[str, object]:
    at = one.attachment
    return {
        "address": address_text(one.family, one.address),
        "pool": one.pool,
        "from": _time(one.from_seconds),
        "to": _time(one.to_seconds),
        "state": one.state or None,
        "pod": one.holder.pod_text or None,
        "uid": one.holder.pod_uid or None,
        "node": at.node,
        "network": at.network,
        "interface": at.ifname,
        "containerID": at.container_id,
        "ended": one.ended or None,
        "endReason": one.end_reason or None,
        "rulesDigest": one.rules_digest,
        "decision": one.decision,
        "decisionId": one.decision_id or None,
    }
