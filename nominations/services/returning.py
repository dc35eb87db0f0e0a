"""退回: back to whoever declared it, with the reasons, a note at each field that is meant, and a day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone, translation

from nominations import rules
from nominations.declared import note_titles
from nominations.models import Nomination, Return
from nominations.services.declaring import locked
from nominations.services.moves import advance
from nominations.services.referred import is_referred
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from nominations.subjects import full_name
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require

#: A note says what to mend, not the whole story.
NOTE_MOST = 300
REASON_MOST = 1000


@transaction.atomic
def send_back(
    nomination: Nomination,
    *,
    by: Membership,
    now: datetime,
    deadline: date,
    reason: str = "",
    codes: Iterable[str] = (rules.OTHER_REASON,),
    notes: Mapping[str, str] | None = None,
) -> Return:
    """Send a nomination back to be mended: why, where, and by when. From screening only the office does.

    `codes` are of `rules.RETURN_REASONS`; `notes` maps a field, or `evidence:<kind>`, to what is wrong there.
    """
    nomination = locked(nomination)
    require(by, "nominations.send_back", nomination)
    require_returnable(nomination, by)
    reason = reason.strip()
    codes = rules.check_return(codes, reason, deadline, timezone.localdate(now))
    notes = _checked_notes(nomination, notes or {})
    if len(reason) > REASON_MOST:
        raise Refused("退回理由请压缩到 {most} 个字以内。", most=REASON_MOST)
    from_state = nomination.state
    if from_state in (State.RECOMMENDATION, State.SCREENING):
        require_open(nomination.edition, StepKind(from_state))
    version = nomination.declaration.version
    back = Return(
        nomination=nomination,
        from_state=from_state,
        reason=reason,
        codes=list(codes),
        notes=notes,
        version=version,
        deadline=deadline,
        returned_at=now,
        returned_by=by,
    )
    # What is kept and sent is kept in Chinese, whichever language the person reads.
    with translation.override("zh-hans"):
        note, titles = back.words, note_titles(nomination)
    nomination = advance(nomination, "send_back", by=by, now=now, note=note)
    back.save()
    notify(
        "nominations.send_back",
        hats_below(nomination, by),
        subject=f"{full_name(nomination)}被退回，请于{deadline.month}月{deadline.day}日前补正",
        body="\n".join([note, *(f"{titles[key]}：{text}" for key, text in notes.items())]),
        url=nomination.get_absolute_url(),
        now=now,
        nomination=nomination,
    )
    return back


def require_returnable(nomination: Nomination, by: Membership) -> None:
    """Refuse where it is not, or no longer, this hat's to send back."""
    if is_referred(nomination):
        raise Refused(
            "“{name}”是考察后转回资格审查的，不能退回补正，请等待复审结论。", name=nomination.subject_name
        )
    if nomination.state == State.SCREENING and by.role == Role.RECOMMENDER:
        raise Refused("“{name}”已报办公室，退回补正由办公室办理。", name=nomination.subject_name)


def hats_below(nomination: Nomination, by: Membership) -> list[Membership]:
    """Those who mend: the enterprise's own people, and the recommender's unless it is they who ask."""
    hats = []
    if nomination.enterprise.organisation_id:
        own = Membership.objects.at(nomination.enterprise.organisation, Role.APPLICANT)
        hats += own.select_related("user")
    if by.role != Role.RECOMMENDER:
        hats += Membership.objects.at(nomination.recommender, Role.RECOMMENDER).select_related("user")
    return hats


def _checked_notes(nomination, notes) -> dict[str, str]:
    titles = note_titles(nomination)
    kept = {key: text.strip() for key, text in notes.items() if text.strip()}
    for key, text in kept.items():
        if key not in titles:
            raise Refused("批注的栏目“{key}”不在这份申报表中，请刷新页面后重新批注。", key=key)
        if len(text) > NOTE_MOST:
            raise Refused("“{title}”的批注请压缩到 {most} 个字以内。", title=str(titles[key]), most=NOTE_MOST)
    return {key: kept[key] for key in titles if key in kept}
