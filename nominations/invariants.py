"""What must always hold of editions and nominations."""

from collections.abc import Iterator

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from nominations.models import Edition, Nomination, Step
from nominations.order import OPTIONAL
from nominations.services.editions import rules_digest
from nominations.states import OPEN, State, StepKind
from portal.invariants import Checks
from portal.models import AuditEntry

CHECKS = Checks()


@CHECKS.named(_("每家企业所处环节与留痕记录中最后一次变动一致"))
def state_is_the_last_move() -> Iterator[str]:
    moves = AuditEntry.objects.filter(
        nomination_id=OuterRef("pk"), act__startswith="nominations.", detail__has_key="after"
    )
    last = moves.order_by("-pk").annotate(after=KeyTextTransform("after", "detail")).values("after")[:1]
    rows = Nomination.objects.annotate(told=Subquery(last))
    wrong = rows.exclude(state=F("told")) | rows.filter(told__isnull=True).exclude(state=State.DRAFT)
    for pk, name, state, told in wrong.values_list("pk", "subject_name", "state", "told"):
        if told is not None or state != State.DRAFT:
            yield f"#{pk} {name}: {state}, {told}"


@CHECKS.named(_("不予通过和撤回的，都有理由"))
def an_end_has_its_reason() -> Iterator[str]:
    ended = Nomination.objects.filter(state__in=(State.REJECTED, State.WITHDRAWN), ended_reason="")
    yield from (f"#{pk} {name}" for pk, name in ended.values_list("pk", "subject_name"))


@CHECKS.named(_("各环节按次序关闭，并记有关闭人"))
def steps_close_in_order() -> Iterator[str]:
    open_before = Step.objects.filter(
        edition=OuterRef("edition"), position__lt=OuterRef("position"), enabled=True, closed_at__isnull=True
    )
    wrong = Step.objects.filter(closed_at__isnull=False).annotate(
        before=Subquery(open_before.values("kind")[:1])
    )
    for step in wrong.filter(Q(before__isnull=False) | Q(closed_by__isnull=True)).select_related("edition"):
        yield f"{step.edition}: {step.kind}"


@CHECKS.named(_("本届不设的环节没有企业，没有关闭，权重为 0"))
def nothing_is_at_a_step_left_out() -> Iterator[str]:
    there = Nomination.objects.filter(
        state=F("edition__steps__kind"), edition__steps__enabled=False
    ).values_list("pk", "subject_name", "state")
    yield from (f"#{pk} {name}: {state}" for pk, name, state in there)
    weighed = Q(kind=StepKind.REVIEW, edition__expert_weight__gt=0) | Q(
        kind=StepKind.VOTING, edition__vote_weight__gt=0
    )
    wrong = Step.objects.filter(enabled=False).filter(
        weighed | Q(closed_at__isnull=False) | ~Q(kind__in=OPTIONAL)
    )
    yield from (f"{step.edition}: {step.kind}" for step in wrong.select_related("edition"))


@CHECKS.named(_("冻结后的评选规则与摘要一致"))
def frozen_rules_are_as_digested() -> Iterator[str]:
    frozen = Edition.objects.filter(frozen_at__isnull=False).prefetch_related("dimensions", "steps")
    yield from (str(edition) for edition in frozen if rules_digest(edition) != edition.digest)


@CHECKS.named(_("已办结的届次中没有未了结的企业"))
def a_concluded_edition_has_nobody_open() -> Iterator[str]:
    left = Nomination.objects.filter(edition__concluded_at__isnull=False, state__in=OPEN)
    yield from (f"#{pk} {name}" for pk, name in left.values_list("pk", "subject_name"))
