"""差额考察 closed: who stays, who ends here and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from awards.models import Inspection, Referral
from awards.services.disposing import undisposed_in
from awards.services.inspector_conflicts import recorded_in_conflict
from awards.services.referring import open_in
from nominations.models import Edition, Nomination
from nominations.services import advance
from nominations.services.steps import close_step, require_open
from nominations.states import State, StepKind
from portal.errors import Listing, Refused
from portal.models import Membership, Role, User
from portal.notify import notify
from portal.permissions import require
from portal.sentences import sentence


@dataclass(frozen=True)
class InspectionPreview:
    """What closing would do: who stays, who ends here, who has no verdict yet and blocks it.

    So does a verdict of somebody who had to stay away: (visit, person, why); one referred and not settled;
    and one that passed with a material difference nobody has disposed of.
    """

    passed: list[Inspection]
    failed: list[Inspection]
    open: list[Nomination]
    conflicts: list[tuple[Inspection, User, str]]
    referred: list[Referral]
    undisposed: list[Inspection]

    @property
    def blocked(self) -> bool:
        return bool(self.open or self.conflicts or self.referred or self.undisposed)


def preview_inspection(edition: Edition) -> InspectionPreview:
    nominations = list(
        Nomination.objects.at(State.INSPECTION)
        .filter(edition=edition)
        .select_related("inspection", "shortlist_row", "recommender")
        .order_by("shortlist_row__rank", "subject_key")
    )
    visits = [nomination.inspection for nomination in nominations if hasattr(nomination, "inspection")]
    return InspectionPreview(
        passed=[visit for visit in visits if visit.verdict == Inspection.Verdict.PASSED],
        failed=[visit for visit in visits if visit.verdict == Inspection.Verdict.FAILED],
        open=[n for n in nominations if not hasattr(n, "inspection") or not n.inspection.verdict],
        conflicts=recorded_in_conflict(edition),
        referred=open_in(edition),
        undisposed=undisposed_in(edition),
    )


@transaction.atomic
def close_inspection(edition: Edition, *, by: Membership, now: datetime) -> InspectionPreview:
    """End the step: who failed is refused with the reason; who passed waits for the publicity list."""
    require(by, "awards.close_inspection", edition)
    edition = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    require_open(edition, StepKind.INSPECTION)
    # A verdict under way is waited for; who comes later finds the step closed.
    here = Nomination.objects.at(State.INSPECTION).filter(edition=edition)
    list(here.select_for_update(of=("self",)).order_by("pk"))
    list(Inspection.objects.filter(nomination__in=here).select_for_update(of=("self",)).order_by("pk"))
    preview = preview_inspection(edition)
    _refuse_blocked(preview)
    if not preview.passed and not preview.failed:
        raise Refused("还没有生成考察名单，不能关闭差额考察。")
    for visit in sorted(preview.failed, key=lambda visit: visit.nomination_id):
        _end(visit, by=by, now=now)
    close_step(
        edition, StepKind.INSPECTION, by=by, now=now, passed=len(preview.passed), failed=len(preview.failed)
    )
    return preview


def _refuse_blocked(preview: InspectionPreview) -> None:
    if preview.open:
        raise Refused(
            "还有 {count} 家没有考察结论：{names}。请登记后再关闭本环节。",
            count=len(preview.open),
            names="、".join(str(each) for each in preview.open),
        )
    if preview.conflicts:
        raise Refused(
            "{what}。请重新考察，或写明理由认定无须回避，再关闭本环节。",
            what=Listing(
                sentence(
                    "{person}对“{name}”须回避，却参加了考察",
                    person=str(user),
                    name=visit.nomination.subject_name,
                )
                for visit, user, _reason in preview.conflicts
            ),
        )
    if preview.referred:
        raise Refused(
            "还有 {count} 家转回资格审查没有复审结论：{names}。请作出结论后再关闭本环节。",
            count=len(preview.referred),
            names=Listing(each.nomination.subject_name for each in preview.referred),
        )
    if preview.undisposed:
        raise Refused(
            "还有 {count} 家的实质差异没有处理：{names}。请写明如何处理后再关闭本环节。",
            count=len(preview.undisposed),
            names=Listing(each.nomination.subject_name for each in preview.undisposed),
        )


def _end(visit, *, by, now):
    nomination = visit.nomination
    note = f"实地考察不合格：{visit.problem}"
    advance(nomination, "reject", by=by, now=now, note=note)
    notify(
        "awards.inspection_failed",
        Membership.objects.at(nomination.recommender, Role.RECOMMENDER).select_related("user"),
        subject=f"{nomination.subject_name}：差额考察不合格",
        body=note,
        now=now,
        nomination=nomination,
    )
