"""Objections: each state has its facts, who objects stands apart and sealed, who was upheld is out."""

from collections.abc import Iterator

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awards.models import Objection, Objector
from awards.sealed import SEALED
from nominations.states import State
from portal import calendar
from portal.invariants import Checks
from portal.workdays import YearNotPublished

CHECKS = Checks()
OUT = (State.REJECTED, State.WITHDRAWN)


@CHECKS.named(_("每件异议的状态与其办理情况一致"))
def an_objection_has_the_facts_of_its_state() -> Iterator[str]:
    missing = (
        Q(state="accepted", accepted_at__isnull=True)
        | Q(state="upheld") & (Q(upheld=False) | Q(upheld__isnull=True))
        | Q(state="dismissed") & (Q(upheld=True) | Q(upheld__isnull=True))
        | Q(state="answered") & (Q(answer="") | Q(answered_at__isnull=True))
        | Q(answered_at__isnull=False) & ~Q(state="answered")
    )
    yield from Objection.objects.filter(missing).values_list("number", flat=True)


@CHECKS.named(_("异议都在公示期内提出"))
def objections_were_lodged_in_the_period() -> Iterator[str]:
    for objection in Objection.objects.select_related("notice"):
        if not objection.notice.published_at <= objection.lodged_at < objection.notice.ends_at:
            yield objection.number


@CHECKS.named(_("异议成立的企业已经退出"))
def upheld_subjects_are_out() -> Iterator[str]:
    standing = Objection.objects.filter(upheld=True).exclude(nomination__state__in=OUT)
    yield from (f"{number}: #{pk}" for number, pk in standing.values_list("number", "nomination"))


@CHECKS.named(_("异议人信息单独加密保存"))
def objectors_are_sealed_and_apart() -> Iterator[str]:
    yield from Objection.objects.filter(who__isnull=True).values_list("number", flat=True)
    for number, token in Objector.objects.values_list("objection__number", "sealed"):
        if not bytes(token).startswith(SEALED):
            yield number


@CHECKS.named(_("异议办理期限都是工作日，并且不早于提出之日"))
def due_days_are_working_days() -> Iterator[str]:
    days = calendar.published()
    for objection in Objection.objects.filter(~Q(accept_due=None) | ~Q(decide_due=None)):
        for day in (objection.accept_due, objection.decide_due):
            try:
                if day and (not days.is_workday(day) or day < timezone.localdate(objection.lodged_at)):
                    yield f"{objection.number}: {day}"
            except YearNotPublished:
                yield f"{objection.number}: {day}"


@CHECKS.named(_("异议针对的是公示名单上的企业"))
def objections_are_to_somebody_listed() -> Iterator[str]:
    right = Objection.objects.filter(notice__rows__nomination=F("nomination"))
    yield from Objection.objects.exclude(pk__in=right.values("pk")).values_list("number", flat=True)
