"""A review task, locked, and whether anything may still be done to it."""

from nominations.services.steps import require_open
from nominations.states import State, StepKind
from portal.errors import Refused
from review.models import Assignment, PanelMember, Recusal, ScoreSheet
from review.services.conflicts import conflict_of


def held(assignment: Assignment) -> Assignment:
    """The row, locked, with what is needed to judge; refused when its nomination is not under review."""
    # Locked first and read after: what was joined while waiting would be what stood before the wait.
    Assignment.objects.select_for_update().get(pk=assignment.pk)
    row = Assignment.objects.select_related("member__expert", "nomination__edition", "recusal", "sheet").get(
        pk=assignment.pk
    )
    require_open(row.nomination.edition, StepKind.REVIEW)
    if row.nomination.state != State.REVIEW:
        raise Refused(
            "“{name}”现处于“{state}”环节，不能再评审。",
            name=row.nomination.subject_name,
            state=str(row.nomination.state_label),
        )
    if row.member.standing == PanelMember.Standing.REPLACED:
        raise Refused("专家 {code} 已不在本届专家组中，不能再评审。", code=row.member.code)
    return row


def no_conflict(row: Assignment) -> None:
    if conflict := conflict_of(row):
        raise Refused(
            "“{name}”已认定须回避（{reason}），不能评审。有不同意见的，请联系办公室。",
            name=row.nomination.subject_name,
            reason=conflict.reason,
        )


def recusal_of(row: Assignment) -> Recusal | None:
    return getattr(row, "recusal", None)


def sheet_of(row: Assignment) -> ScoreSheet | None:
    return getattr(row, "sheet", None)
