"""转资格审查: what a visit found touches the conditions of S1 四.1, so the departments are asked once more.

One of the office refers, a second one settles: back to 差额考察 with the visit kept, or the end.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from awards.models import Inspection, Referral
from awards.rules.referring import refusal_to_settle
from awards.services.open_visits import locked
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.referred import is_referred
from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal import audit
from portal.errors import Refused
from portal.models import Membership, Role
from portal.notify import notify
from portal.permissions import require
from review.models import Opinion
from review.services.overrules import seconds
from review.services.referrals import answers_to, send_referral
from review.services.standing import Cell


@transaction.atomic
def refer(
    visit: Inspection,
    *,
    items: Iterable[str],
    reason: str,
    lines: Iterable[str] = (),
    due_on: date | None = None,
    by: Membership,
    now: datetime,
) -> Referral:
    """Send the matter of a recorded visit back to screening, and ask the departments of these items.

    `lines` are keys of its checklist whose difference is the matter; `items` codes of review.rules.ITEMS.
    """
    require(by, "awards.refer", visit)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=visit.nomination.edition_id)
    require_open(edition, StepKind.INSPECTION)
    nomination = _locked(visit.nomination_id)
    visit = locked(visit)
    name = nomination.subject_name
    if edition.step(StepKind.SCREENING).closed_at is None:
        raise Refused("资格审查环节还没有关闭，不能转回。")
    if nomination.state != State.INSPECTION:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能转资格审查。", name=name, state=str(nomination.state_label)
        )
    if not visit.verdict:
        raise Refused("“{name}”还没有考察结论，请先登记考察结论，再转资格审查。", name=name)
    if not reason.strip():
        raise Refused("请写明转资格审查的理由：考察发现了什么，涉及哪一项推荐条件。")
    others = list(seconds(edition, by).select_related("user"))
    if not others:
        raise Refused(
            "转资格审查须由办公室两人办理：一人转出，另一人作出结论。现在本办公室只有您一人，"
            "请系统管理员为本办公室增加一名人员后再办。"
        )
    keys = _differing(visit, lines)
    reason = reason.strip()[:500]
    nomination = advance(nomination, "refer", by=by, now=now, note=reason)
    batch = send_referral(nomination, items, note=reason, due_on=due_on, by=by, now=now)
    referral = Referral.objects.create(
        nomination=nomination,
        inspection=visit,
        lines=keys,
        items=batch.items,
        reason=reason,
        referred_at=now,
        referred_by=by,
        batch=batch,
    )
    visit.disposition, visit.disposal_reason = Inspection.Disposition.REFERRED, reason
    visit.disposed_at, visit.disposed_by = now, by
    visit.save(update_fields=["disposition", "disposal_reason", "disposed_at", "disposed_by"])
    audit.record(
        "awards.refer",
        referral,
        by=by,
        now=now,
        lines=keys,
        items=batch.items,
        batch=batch.number,
        note=reason,
    )
    subject = f"请关注：{name}考察后转资格审查，部门答复后请作出结论"
    _tell(others, referral, subject, reason, now)
    _tell_recommender(nomination, f"{name}：考察发现的问题转资格审查，等待复审结论", reason, now)
    return referral


@transaction.atomic
def settle(referral: Referral, *, outcome: str, reason: str, by: Membership, now: datetime) -> Referral:
    """What the departments' answers come to: a second person of the office says so, once."""
    require(by, "awards.settle_referral", referral)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=referral.nomination.edition_id)
    nomination = _locked(referral.nomination_id)
    referral = (
        Referral.objects.select_for_update(of=("self",))
        .select_related("nomination__edition", "batch__edition", "referred_by__user", "decided_by__user")
        .get(pk=referral.pk)
    )
    name = nomination.subject_name
    if referral.outcome:
        raise Refused("这一事项已由{name}作出结论，请刷新页面查看。", name=str(referral.decided_by.user))
    if not is_referred(nomination):
        raise Refused(
            "“{name}”现处于“{state}”环节，不需要再作复审结论。", name=name, state=str(nomination.state_label)
        )
    if referral.referred_by.user_id == by.user_id:
        raise Refused("这一事项由您转出，须由办公室的另一人作出结论，您换一个身份也不能办理。")
    if outcome not in Referral.Outcome.values:
        raise Refused("请选择结论：复审合格或复审不合格。")
    if not reason.strip():
        raise Refused("请写明作出这一结论的理由和依据。")
    cleared = outcome == Referral.Outcome.CLEARED
    if cleared:
        require_open(edition, StepKind.INSPECTION)
    cells = answers_of(referral, today=timezone.localdate(now))
    if refusal := settling_refused(cells, cleared=cleared):
        raise refusal
    reason = reason.strip()[:500]
    if cleared:
        advance(nomination, "reinstate", by=by, now=now, note=reason)
    else:
        advance(nomination, "reject", by=by, now=now, note=f"考察后资格复审不合格：{reason}"[:500])
    referral.outcome, referral.outcome_reason = outcome, reason
    referral.decided_at, referral.decided_by = now, by
    referral.save(update_fields=["outcome", "outcome_reason", "decided_at", "decided_by"])
    audit.record(
        "awards.settle_referral",
        referral,
        by=by,
        now=now,
        outcome=outcome,
        referred_by=str(referral.referred_by.user),
        answers=[_kept(cell) for cell in cells],
        note=reason,
    )
    subject = f"{name}：{referral.get_outcome_display()}"
    _tell([referral.referred_by], referral, subject, reason, now)
    _tell_recommender(nomination, subject, reason, now)
    return referral


def open_in(edition: Edition) -> list[Referral]:
    """Referred and not settled; while there is one the inspection cannot be closed."""
    return list(
        Referral.objects.filter(outcome="", nomination__edition=edition, nomination__state=State.SCREENING)
        .select_related("nomination__recommender", "referred_by__user", "batch")
        .order_by("referred_at", "pk")
    )


def answers_of(referral: Referral, *, today: date) -> list[Cell]:
    """What the departments were asked for it, and how they answered."""
    if referral.batch is None:
        return []
    return answers_to(referral.batch, referral.nomination, today=today)


def settling_refused(cells: list[Cell], *, cleared: bool) -> Refused | None:
    return refusal_to_settle(
        cleared=cleared,
        unanswered=sum(cell.open for cell in cells),
        problems=sum(not cell.open and cell.kind == Opinion.Answer.PROBLEM for cell in cells),
    )


def _kept(cell: Cell) -> list:
    """One answer as it was when the matter was settled; null where there was none."""
    said = cell.opinion if not cell.open else None
    facts = (said.answer, said.explanation, said.looked_up_on, said.version) if said else (None,) * 4
    return [cell.question.department.name, cell.question.item, *facts, cell.kind]


def _differing(visit: Inspection, lines: Iterable[str]) -> list[str]:
    """The keys, in the order of the checklist. Raises Refused where one is no difference of this visit."""
    wanted = set(lines)
    known = list(visit.lines.filter(key__in=wanted, agrees=False).values_list("key", flat=True))
    if wanted - set(known):
        raise Refused("所选的核对项不是这次考察中不符的，请刷新页面后重新选择。")
    return known


def _locked(pk: int) -> Nomination:
    return (
        Nomination.objects.select_for_update(of=("self",))
        .select_related("edition__host", "recommender")
        .get(pk=pk)
    )


def _tell(hats, referral, subject, body, now) -> None:
    notify(
        "awards.referral",
        hats,
        subject=subject,
        body=body,
        url=reverse("awards:referral", args=[referral.pk]),
        now=now,
        nomination=referral.nomination,
    )


def _tell_recommender(nomination, subject, body, now) -> None:
    notify(
        "awards.referral",
        Membership.objects.at(nomination.recommender, Role.RECOMMENDER).select_related("user"),
        subject=subject,
        body=body,
        url=nomination.get_absolute_url(),
        now=now,
        nomination=nomination,
    )
