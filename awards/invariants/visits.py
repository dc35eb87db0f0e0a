"""The visits: who was visited, who signed what, and who was referred back to screening."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from awards.models import Inspection, InspectorConflict, Referral, ShortlistAddition, VisitSignature
from nominations.models import Nomination, Step
from nominations.states import State, StepKind
from portal.invariants import Checks

CHECKS = Checks()


@CHECKS.named(_("考察的都是考察名单上的企业"))
def visited_were_listed() -> Iterator[str]:
    added = Exists(ShortlistAddition.objects.filter(row__nomination=OuterRef("nomination")))
    strangers = Inspection.objects.exclude(nomination__shortlist_row__shortlisted=True).exclude(added)
    yield from (str(visit) for visit in strangers.select_related("nomination"))


@CHECKS.named(_("有结论的考察有两个不同的签名"))
def a_verdict_has_two_signatures() -> Iterator[str]:
    done = Inspection.objects.exclude(verdict="")
    wrong = Q(leader_signature="") | Q(member_signature="") | Q(leader_signature=F("member_signature"))
    yield from (str(visit) for visit in done.filter(wrong).select_related("nomination"))


@CHECKS.named(_("有效签名对应的正是现在的考察记录"))
def signatures_stand_under_the_record() -> Iterator[str]:
    wrong = VisitSignature.objects.filter(void_at__isnull=True).exclude(inspection__verdict="")
    for each in wrong.exclude(digest=F("inspection__signed_digest")).select_related("inspection__nomination"):
        yield f"{each.inspection}: {each.get_part_display()}"


@CHECKS.named(_("须回避的人员没有在考察记录上签名"))
def nobody_barred_has_signed() -> Iterator[str]:
    barred = InspectorConflict.objects.filter(
        nomination=OuterRef("inspection__nomination"),
        user=OuterRef("user"),
        state__in=InspectorConflict.STANDING,
    )
    wrong = VisitSignature.objects.filter(Exists(barred), void_at__isnull=True)
    yield from (f"#{each.inspection_id}: {each.get_part_display()}" for each in wrong)


@CHECKS.named(_("公示和命名的企业都已通过考察"))
def published_have_passed_the_visit() -> Iterator[str]:
    visits = Step.objects.filter(edition=OuterRef("edition"), kind=StepKind.INSPECTION, enabled=True)
    rows = Nomination.objects.filter(Exists(visits), state__in=(State.PUBLICITY, State.NAMED))
    wrong = rows.exclude(inspection__verdict="passed")
    yield from (f"#{pk} {name}" for pk, name in wrong.values_list("pk", "subject_name"))


@CHECKS.named(_("资格审查关闭后处于该环节的，都有未作结论的转审，反之亦然"))
def a_referred_one_has_an_open_referral() -> Iterator[str]:
    closed = Step.objects.filter(
        edition=OuterRef("edition"), kind=StepKind.SCREENING, closed_at__isnull=False
    )
    open_ones = Referral.objects.filter(nomination=OuterRef("pk"), outcome="")
    rows = Nomination.objects.annotate(referred=Exists(open_ones))
    # Who withdraws while the departments look at it leaves a referral that nobody settles any more.
    wrong = rows.filter(Exists(closed), state=State.SCREENING, referred=False) | rows.filter(
        referred=True
    ).exclude(state__in=(State.SCREENING, State.WITHDRAWN))
    yield from (f"#{pk} {name}" for pk, name in wrong.values_list("pk", "subject_name"))
