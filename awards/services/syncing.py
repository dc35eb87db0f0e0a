"""What a phone kept while it was away, taken over when it is back: each thing by itself, and only once."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from awards.models import CheckLine, Inspection, VisitSync
from awards.services.checking import CLASH, REFUSED, SAME, TAKEN, answer_lines, said_of
from awards.services.noting import note_document, note_interview
from awards.services.open_visits import locked
from awards.services.visiting import Stale, write_head
from awards.services.writable_visits import open_visit
from portal import audit
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require
from portal.speech import said


@transaction.atomic
def sync_visit(
    inspection: Inspection,
    *,
    client_id: UUID,
    lines: Iterable[dict] = (),
    head: dict | None = None,
    documents: Iterable[dict] = (),
    interviews: Iterable[dict] = (),
    by: Membership,
    now: datetime,
) -> dict:
    """Take over a parcel of a phone; what became of each thing in it, by its key or its own client number.

    `lines` are as in `checking.answer_lines`; `head` is {"visited_on", "proposed", "problem", "version"};
    documents and interviews are the arguments of `noting`. A parcel sent again is answered as the first time
    and done once. Raises Refused where nothing of it can be taken: the visit is recorded or its step closed.
    """
    inspection = locked(inspection)
    require(by, "awards.record_inspection", inspection)
    earlier = VisitSync.objects.filter(client_id=client_id).first()
    if earlier is not None:
        if earlier.inspection_id != inspection.pk:
            raise Refused("这份离线记录属于另一家企业的考察，不能用在这里。")
        return earlier.outcome
    inspection = open_visit(inspection, by=by)
    became = answer_lines(inspection, lines, each=True, by=by, now=now)
    outcome = {
        "head": _head(inspection, head, now=now) if head else None,
        "lines": {key: _line(each) for key, each in became.items()},
        "documents": _noted(inspection, note_document, documents, by=by, now=now),
        "interviews": _noted(inspection, note_interview, interviews, by=by, now=now),
    }
    VisitSync.objects.create(
        client_id=client_id, inspection=inspection, received_at=now, received_from=by, outcome=outcome
    )
    audit.record(
        "awards.sync_visit",
        inspection,
        by=by,
        now=now,
        client_id=client_id.hex,
        lines={key: said_of(each.line) for key, each in became.items() if each.what == TAKEN},
        clashes=[key for key, each in became.items() if each.what == CLASH],
        head=head if outcome["head"] and outcome["head"]["what"] == TAKEN else None,
    )
    return outcome


def line_state(line: CheckLine) -> dict:
    """A line as a phone holds it, with who wrote it last and when."""
    return {
        **said_of(line),
        "version": line.version,
        "who": str(line.checked_by.user) if line.checked_by else "",
        "when": line.checked_at.isoformat() if line.checked_at else "",
    }


def head_state(inspection: Inspection) -> dict:
    return {
        "visited_on": inspection.visited_on.isoformat() if inspection.visited_on else "",
        "proposed": inspection.proposed,
        "problem": inspection.problem,
        "version": inspection.version,
    }


def state_of(inspection: Inspection) -> dict:
    """What the portal has of a visit, for a phone to compare its own with."""
    lines = inspection.lines.select_related("checked_by__user")
    return {
        "head": head_state(inspection),
        "lines": {line.key: line_state(line) for line in lines},
        "recorded": bool(inspection.verdict),
    }


def _line(each) -> dict:
    told = {"what": each.what}
    if each.line is not None:
        told |= line_state(each.line)
    return told | ({"why": said(each.why)} if each.why else {})


def _head(inspection, head, *, now) -> dict:
    try:
        day = head.get("visited_on") or None
        version = head.get("version")
        changed = write_head(
            inspection,
            visited_on=date.fromisoformat(day) if day else None,
            proposed=str(head.get("proposed") or ""),
            problem=_short(head.get("problem")),
            version=version if isinstance(version, int) else 0,
            now=now,
        )
    except Stale:
        return {"what": CLASH, **head_state(inspection)}
    except (ValueError, TypeError):
        return {
            "what": REFUSED,
            "why": said(Refused("考察日期填写有误，请重新选择。")),
            **head_state(inspection),
        }
    except Refused as refusal:
        return {"what": REFUSED, "why": said(refusal), **head_state(inspection)}
    return {"what": TAKEN if changed else SAME, **head_state(inspection)}


def _short(problem) -> str:
    text = problem.replace("\0", "") if isinstance(problem, str) else ""
    if len(text.strip()) > 500:
        raise Refused("写得太长：最多 {most} 字，请精简后再存。", most=500)
    return text


def _noted(inspection, note: Callable, things, *, by, now) -> dict:
    became = {}
    for thing in things:
        try:
            made = note(inspection, **thing, by=by, now=now)
        except Refused as refusal:
            became[str(thing["client_id"])] = {"what": REFUSED, "why": said(refusal)}
        else:
            became[str(thing["client_id"])] = {"what": TAKEN, "pk": made.pk}
    return became
