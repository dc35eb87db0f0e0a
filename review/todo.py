"""What of screening and review waits for a hat. A constant number of queries, however much there is."""

from collections import Counter, defaultdict
from datetime import datetime

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from nominations.models import Edition, Nomination
from nominations.states import State, StepKind
from portal.models import Role
from portal.todo import Todo
from review.models import Assignment, Consultation, Opinion, Overrule
from review.services.standing import RECHECKED


def todos(hat, *, now: datetime) -> list[Todo]:
    asked = {Role.DEPARTMENT: _department, Role.EXPERT: _expert, Role.OFFICE: _office}
    return asked[hat.role](hat) if hat is not None and hat.role in asked else []


def _day(moment):
    return localdate(moment) if moment else None


def _department(hat) -> list[Todo]:
    questions = (
        Consultation.objects.filter(
            department=hat.organisation_id,
            edition__published=True,
            edition__steps__kind=StepKind.SCREENING,
            edition__steps__closed_at__isnull=True,
        )
        .select_related("edition")
        .annotate(
            there=Count(
                "edition__nominations", Q(edition__nominations__state=State.SCREENING), distinct=True
            ),
            done=Count("opinions", Q(opinions__nomination__state=State.SCREENING), distinct=True),
        )
        .order_by("pk")
    )
    left, of = Counter(), {}
    for question in questions:
        left[question.edition_id] += question.there - question.done
        of[question.edition_id] = question
    return [
        Todo(
            _("答复"),
            _("{title}：{count} 项核查意见").format(title=of[pk].edition.title, count=count),
            reverse("review:screening", args=[pk]),
            of[pk].due_on,
            count,
        )
        for pk, count in left.items()
        if count
    ]


def _expert(hat) -> list[Todo]:
    rows = (
        Assignment.objects.visible_to(hat)
        .filter(
            nomination__state=State.REVIEW,
            recusal__isnull=True,
            sheet__submitted_at__isnull=True,
            nomination__edition__steps__kind=StepKind.REVIEW,
            nomination__edition__steps__closed_at__isnull=True,
        )
        .order_by()
        .values("nomination__edition_id", title=F("nomination__edition__title"))
        .annotate(left=Count("pk"), due=F("nomination__edition__steps__closes"))
    )
    return [
        Todo(
            _("评分"),
            _("{title}：还有 {count} 份评分表").format(title=row["title"], count=row["left"]),
            reverse("review:sheets"),
            _day(row["due"]),
            row["left"],
        )
        for row in rows
    ]


def _office(hat) -> list[Todo]:
    editions = list(
        Edition.objects.running().filter(host=hat.organisation_id).prefetch_related("steps").order_by("pk")
    )
    screening = [each for each in editions if not each.step(StepKind.SCREENING).closed_at]
    review = [each for each in editions if _at(each, StepKind.REVIEW)]
    return _overrule_lines(hat, editions) + _screening_lines(screening) + _review_lines(review)


def _overrule_lines(hat, editions) -> list[Todo]:
    """What somebody else of the office proposed to set aside, for the second person."""
    waiting = (
        Overrule.objects.filter(
            opinion__nomination__edition__in=editions,
            opinion__nomination__state__in=(State.SCREENING, *RECHECKED),
            opinion__version=F("opinion_version"),
            confirmed__isnull=True,
        )
        .exclude(proposed_by__user=hat.user_id)
        .select_related("opinion__nomination", "opinion__consultation__department")
    )
    due = {each.pk: _day(each.step(StepKind.SCREENING).closes) for each in editions}
    return [
        Todo(
            _("复核"),
            _("不采纳{department}对“{name}”的意见").format(
                department=each.opinion.consultation.department.short_name,
                name=each.opinion.nomination.subject_name,
            ),
            reverse("review:decide_overrule", args=[each.pk]),
            due[each.opinion.nomination.edition_id] if _is_screened(each) else None,
        )
        for each in waiting
    ]


def _is_screened(overrule) -> bool:
    return overrule.opinion.nomination.state == State.SCREENING


def _at(edition, kind) -> bool:
    return edition.current_step is not None and edition.current_step.kind == kind


def _screening_lines(editions) -> list[Todo]:
    there = _count(
        Edition.objects.filter(pk__in=[each.pk for each in editions]).annotate(
            n=Count("nominations", Q(nominations__state=State.SCREENING))
        )
    )
    asked = Counter(Consultation.objects.filter(edition__in=editions).values_list("edition_id", flat=True))
    given = Counter(
        Opinion.objects.filter(
            consultation__edition__in=editions, nomination__state=State.SCREENING
        ).values_list("consultation__edition_id", flat=True)
    )
    lines = []
    for edition in editions:
        due = _day(edition.step(StepKind.SCREENING).closes)
        missing = asked[edition.pk] * there[edition.pk] - given[edition.pk]
        if there[edition.pk] and not asked[edition.pk]:
            url = reverse("review:consult", args=[edition.pk])
            lines.append(Todo(_("确定征求意见部门"), edition.title, url, due))
        elif missing:
            matter = _("部门答复 {count} 项（{title}）").format(title=edition.title, count=missing)
            url = reverse("review:screening", args=[edition.pk])
            lines.append(Todo(_("等待"), matter, url, due, missing, waiting=True))
        elif _at(edition, StepKind.SCREENING) and there[edition.pk]:
            url = reverse("review:close_screening", args=[edition.pk])
            lines.append(Todo(_("关闭资格审查"), edition.title, url, due))
    return lines


def _count(editions) -> dict[int, int]:
    return {each.pk: each.n for each in editions}


def _review_lines(editions) -> list[Todo]:
    valid = Q(assignments__sheet__submitted_at__isnull=False, assignments__recusal__isnull=True)
    waiting = Q(assignments__sheet__submitted_at__isnull=True, assignments__recusal__isnull=True)
    figures = defaultdict(list)
    rows = _under_review(editions).annotate(
        given=Count("assignments", Q(assignments__isnull=False)),
        valid=Count("assignments", valid & Q(assignments__isnull=False)),
        open=Count("assignments", waiting & Q(assignments__isnull=False)),
    )
    for row in rows:
        figures[row.edition_id].append(row)
    lines = []
    for edition in editions:
        mine = figures[edition.pk]
        due = _day(edition.step(StepKind.REVIEW).closes)
        left = sum(row.open for row in mine)
        if mine and not any(row.given for row in mine):
            url = reverse("review:panel", args=[edition.pk])
            lines.append(Todo(_("聘请专家并分配评审任务"), edition.title, url, due))
        elif mine and all(row.valid >= edition.min_sheets for row in mine):
            url = reverse("review:close_review", args=[edition.pk])
            matter = edition.title
            if left:
                matter = _("{title}（还有 {count} 份未提交）").format(title=edition.title, count=left)
            lines.append(Todo(_("关闭专家评审"), matter, url, due))
        elif mine:
            matter = _("专家提交 {count} 份评分表（{title}）").format(title=edition.title, count=left)
            url = reverse("review:progress", args=[edition.pk])
            lines.append(Todo(_("等待"), matter, url, due, left, waiting=True))
    return lines


def _under_review(editions):

    return Nomination.objects.filter(edition__in=editions, state=State.REVIEW).order_by("pk")
