"""Namings: after a full period and without an open objection, numbered, and revoked only with a paper."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from awards.models import Honour, MedalPerson, NoticeRow, Objection, Promotion
from awards.sealed import SEALED
from nominations.models import Nomination
from nominations.states import State
from portal.invariants import Checks

CHECKS = Checks()


@CHECKS.named(_("已命名的企业各有一项命名，其他企业没有"))
def named_have_an_honour() -> Iterator[str]:
    rows = Nomination.objects.annotate(honours=Count("honoured"))
    wrong = rows.filter(state=State.NAMED).exclude(honours=1) | rows.exclude(state=State.NAMED).filter(
        honours__gt=0
    )
    yield from (f"#{pk} {name}" for pk, name in wrong.values_list("pk", "subject_name"))


@CHECKS.named(_("命名都在本企业公示期满之后"))
def named_after_their_own_period() -> Iterator[str]:
    running = NoticeRow.objects.filter(
        nomination=OuterRef("nomination"), notice__in_force=True, notice__ends_on__gte=OuterRef("named_on")
    )
    yield from Honour.objects.filter(Exists(running)).values_list("number", flat=True)


@CHECKS.named(_("作出命名决定时，本届没有未办结的异议"))
def nobody_was_named_while_an_objection_was_open() -> Iterator[str]:
    open_then = Objection.objects.filter(
        Q(answered_at__isnull=True) | Q(answered_at__gt=OuterRef("naming__issued_at")),
        notice__edition=OuterRef("naming__edition"),
        lodged_at__lte=OuterRef("naming__issued_at"),
    )
    yield from Honour.objects.filter(Exists(open_then)).values_list("number", flat=True)


@CHECKS.named(_("一项命名决定中的命名编号连续"))
def numbers_of_a_decision_are_in_a_row() -> Iterator[str]:
    tails = defaultdict(list)
    rows = Honour.objects.filter(naming__isnull=False).values_list("naming", "number")
    for naming, number in rows:
        tail = number.rpartition("-")[2]
        tails[naming].append(int(tail) if tail.isdigit() else -1)
    for naming, found in tails.items():
        if sorted(found) != list(range(min(found), min(found) + len(found))):
            yield f"#{naming}: {sorted(found)}"


@CHECKS.named(_("命名决定、命名和推荐记录属于同一届"))
def a_decision_names_its_own_edition() -> Iterator[str]:
    right = Q(naming__edition=F("nomination__edition"), host=F("nomination__edition__host"))
    wrong = Honour.objects.filter(naming__isnull=False).exclude(right)
    yield from wrong.values_list("number", flat=True)


@CHECKS.named(_("撤销命名有撤销人、理由和文号"))
def revocations_say_who_and_why() -> Iterator[str]:
    wrong = Q(revoked_by__isnull=True) | Q(revoked_reason="") | Q(revoked_minute="", revoked_decision="")
    revoked = Honour.objects.filter(revoked_on__isnull=False)
    yield from revoked.filter(wrong).values_list("number", flat=True)


@CHECKS.named(_("推荐标记与推荐名单一致，撤销命名的不在名单上"))
def flags_are_what_the_lists_say() -> Iterator[str]:
    standing = Promotion.objects.filter(honour=OuterRef("pk"), ended_at__isnull=True)
    rows = Honour.objects.annotate(
        worker=Exists(standing.filter(to="model_worker")), province=Exists(standing.filter(to="province"))
    )
    wrong = (
        Q(worker=True, model_worker=False)
        | Q(province=True, to_province=False)
        | Q(revoked_on__isnull=False) & (Q(worker=True) | Q(province=True))
    )
    yield from rows.filter(wrong).values_list("number", flat=True)


@CHECKS.named(_("奖章人选的个人信息加密保存，并且确有人选"))
def medal_people_are_sealed() -> Iterator[str]:
    rows = MedalPerson.objects.values_list("honour__number", "honour__medal_name", "sealed")
    for number, name, token in rows:
        if not name or not bytes(token).startswith(SEALED):
            yield number
