"""Claim → found → agrees → difference → weight, line by line, each with a version of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from awards.models import CheckLine, Inspection
from awards.services.standing_signatures import void_signatures
from portal.errors import Refused
from portal.models import Membership

TAKEN, SAME, CLASH, REFUSED = "taken", "same", "clash", "refused"
#: What a line says of what was found, in the order it is shown.
PARTS = ("found", "agrees", "difference", "weight")


@dataclass(frozen=True)
class Became:
    """What became of one answer: taken over, the same as before, clashing with the line as it is, refused."""

    what: str
    line: CheckLine | None
    why: Refused | None = None


def answer_lines(
    inspection: Inspection, answers: Iterable[dict], *, each: bool = False, by: Membership, now: datetime
) -> dict[str, Became]:
    """Take over what was found; what another wrote since (by the line's version) is left as it is.

    `answers` are {"key", "found", "agrees", "difference", "weight", "version"}; without a version the line
    is taken as it stands. The visit is locked and open. Raises Refused for what cannot be taken over; with
    `each` that stops none of the others.
    """
    lines = {line.key: line for line in inspection.lines.select_related("checked_by__user")}
    became = {}
    for answer in answers:
        key = str(answer.get("key"))
        try:
            became[key] = _answer(lines.get(key), answer, by=by, now=now)
        except Refused as refusal:
            if not each:
                raise
            became[key] = Became(REFUSED, lines.get(key), refusal)
    if any(one.what == TAKEN for one in became.values()):
        void_signatures(inspection, now=now)
    return became


def said_of(line: CheckLine) -> dict:
    return {part: getattr(line, part) for part in PARTS}


def cleaned(answer: dict) -> dict:
    """The parts of an answer as a line keeps them. Raises Refused, naming what is wrong."""
    agrees = answer.get("agrees")
    found, difference, weight = (
        _text(answer.get(part), most) for part, most in (("found", 1000), ("difference", 500), ("weight", 8))
    )
    if agrees not in (True, False, None) or weight not in ("", *CheckLine.Weight.values):
        raise Refused("是否相符或差异程度填写有误，请重新选择。")
    if agrees is not False:
        # What agrees has no difference; what was typed before the choice changed would only mislead.
        difference = weight = ""
    return {"found": found, "agrees": agrees, "difference": difference, "weight": weight}


def _text(value, most: int) -> str:
    text = value.strip().replace("\r\n", "\n").replace("\0", "") if isinstance(value, str) else ""
    if len(text) > most:
        raise Refused("写得太长：最多 {most} 字，请精简后再存。", most=most)
    return text


def _answer(line: CheckLine | None, answer: dict, *, by, now) -> Became:
    if line is None:
        raise Refused("核对清单与系统中的不一致，请刷新页面后再填写。")
    said, version = cleaned(answer), answer.get("version")
    if said == said_of(line):
        return Became(SAME, line)
    if version is not None and version != line.version:
        return Became(CLASH, line)
    for part, value in said.items():
        setattr(line, part, value)
    line.version += 1
    line.checked_at, line.checked_by = now, by
    line.save(update_fields=[*said, "version", "checked_at", "checked_by"])
    return Became(TAKEN, line)
