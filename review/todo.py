"""What of screening and review waits for a hat. A constant number of queries, however much there is."""

from collections import Counter, defaultdict
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from nominations.models import Edition, Nomination
from nominations.states import State, StepKind
from portal.models import Role
from portal.todo import Todo
from review.mine import invitations_of
from review.models import Assignment, Batch, Consultation, Discussion, Overrule, kept_from
from review.services import expiry, rechecks, standing
from review.services.standing import rechecked


def todos(hat, *, now: datetime) -> list[Todo]:
    asked = {Role.DEPARTMENT: _department, Role.EXPERT: _expert, Role.OFFICE: _office}
    return asked[hat.role](hat, now) if hat is not None and hat.role in asked else []


def _day(moment):
    return localdate(moment) if moment else None


def _department(hat, now) -> list[Todo]:
    today = localdate(now)
    editions = Edition.objects.running().filter(published=True, consultations__department=hat.organisation_id)
    # One line an edition and kind: the earliest due date of what is left.
    left, due, titles = Counter(), {}, {}
    for line in standing.progress(editions.distinct(), today=today, department=hat.organisation_id):
        if not line.left:
            continue
        key = (line.batch.edition_id, line.batch.kind)
        left[key] += line.left
        titles[key] = line.question.edition.title
        days = [day for day in (due.get(key), line.batch.due_on) if day]
        due[key] = min(days) if days else None
    words = {
        Batch.Kind.SCREENING: _("{title}：{count} 项核查意见"),
        Batch.Kind.RECHECK: _("{title}：再次核查 {count} 项"),
        Batch.Kind.REFERRAL: _("{title}：考察转回核查 {count} 项"),
    }
    return [
        Todo(
            _("答复"),
            words[kind].format(title=titles[pk, kind], count=count),
            reverse("review:screening", args=[pk]),
            due[pk, kind],
            count,
        )
        for (pk, kind), count in left.items()
    ]


def _expert(hat, now) -> list[Todo]:
    return [
        Todo(
            _("答复邀请"),
            _("担任“{title}”的评审专家").format(title=each.edition.title),
            reverse("review:invitation", args=[each.pk]),
        )
        for each in invitations_of(hat)
    ] + _sheets_left(hat)


def _sheets_left(hat) -> list[Todo]:
    rows = (
        Assignment.objects.visible_to(hat)
        .filter(
            nomination__state=State.REVIEW,
            recusal__isnull=True,
            sheet__submitted_at__isnull=True,
            nomination__edition__steps__kind=StepKind.REVIEW,
            nomination__edition__steps__closed_at__isnull=True,
        )
        .unbarred()
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


def _office(hat, now) -> list[Todo]:
    editions = list(
        Edition.objects.running().filter(host=hat.organisation_id).prefetch_related("steps").order_by("pk")
    )
    screening = [each for each in editions if not each.step(StepKind.SCREENING).closed_at]
    review = [each for each in editions if _at(each, StepKind.REVIEW)]
    return (
        _overrule_lines(hat, editions)
        + _screening_lines(screening, localdate(now))
        + _review_lines(hat, review, now)
        + _recheck_lines(editions, localdate(now))
    )


def _overrule_lines(hat, editions) -> list[Todo]:
    """What somebody else of the office proposed to set aside, for the second person."""
    waiting = (
        Overrule.objects.filter(
            Q(opinion__nomination__state=State.SCREENING) | rechecked("opinion__nomination__"),
            opinion__nomination__edition__in=editions,
            opinion__version=F("opinion_version"),
            confirmed__isnull=True,
        )
        .exclude(proposed_by__user=hat.user_id)
        .select_related("opinion__nomination", "opinion__consultation__department")
    )
    screened = {each.pk: each.step(StepKind.SCREENING) for each in editions}
    due = {pk: None if step.closed_at else _day(step.closes) for pk, step in screened.items()}
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


def _screening_lines(editions, today) -> list[Todo]:
    at = Q(nominations__state=State.SCREENING)
    sent = Batch.nominations.through.objects.filter(
        nomination=OuterRef("nominations"), batch__kind=Batch.Kind.SCREENING
    )
    there, unsent = {}, {}
    counted = Edition.objects.filter(pk__in=[each.pk for each in editions]).annotate(
        n=Count("nominations", at), waiting=Count("nominations", at & ~Exists(sent))
    )
    for each in counted:
        there[each.pk], unsent[each.pk] = each.n, each.waiting
    asked = Counter(Consultation.objects.filter(edition__in=editions).values_list("edition_id", flat=True))
    missing = Counter()
    for line in standing.progress(editions, today=today):
        if line.batch.kind == Batch.Kind.SCREENING:
            missing[line.batch.edition_id] += line.left
    lines = []
    for edition in editions:
        due, pk = _day(edition.step(StepKind.SCREENING).closes), edition.pk
        if there[pk] and not asked[pk]:
            lines.append(
                Todo(_("确定征求意见部门"), edition.title, reverse("review:consult", args=[pk]), due)
            )
            continue
        if unsent[pk]:
            matter = _("{count} 家企业（{title}）").format(title=edition.title, count=unsent[pk])
            url = reverse("review:batches", args=[pk])
            lines.append(Todo(_("送部门联审"), matter, url, due, unsent[pk]))
        if missing[pk]:
            matter = _("部门答复 {count} 项（{title}）").format(title=edition.title, count=missing[pk])
            url = reverse("review:screening", args=[pk])
            lines.append(Todo(_("等待"), matter, url, due, missing[pk], waiting=True))
        elif _at(edition, StepKind.SCREENING) and there[pk] and not unsent[pk]:
            url = reverse("review:close_screening", args=[pk])
            lines.append(Todo(_("关闭资格审查"), edition.title, url, due))
    return lines


def _recheck_lines(editions, today) -> list[Todo]:
    """What a re-check found, and whose look-ups do not last until they are needed."""
    there = defaultdict(dict)
    rows = Nomination.objects.filter(standing.rechecked(), edition__in=editions)
    for pk, edition, state in rows.values_list("pk", "edition_id", "state"):
        there[edition][pk] = state
    if not there:
        return []
    every = [pk for mine in there.values() for pk in mine]
    problems = Counter(each.nomination.edition_id for each in rechecks.standing_problems(every))
    last = expiry.lasts_until(every)
    waiting = Counter()
    for line in standing.progress(editions, today=today):
        if line.batch.kind == Batch.Kind.RECHECK:
            waiting[line.batch.edition_id] += line.left
    lines = []
    for edition in editions:
        url = reverse("review:rechecks", args=[edition.pk])
        days = [
            last[pk] or today
            for pk, state in there[edition.pk].items()
            if pk in last and (last[pk] is None or last[pk] < rechecks.needed_on(edition, state, today))
        ]
        if problems[edition.pk]:
            matter = _("再次核查有问题 {count} 项（{title}）").format(
                title=edition.title, count=problems[edition.pk]
            )
            lines.append(Todo(_("处理"), matter, url, today, problems[edition.pk]))
        if waiting[edition.pk]:
            matter = _("部门再次核查 {count} 项（{title}）").format(
                title=edition.title, count=waiting[edition.pk]
            )
            lines.append(Todo(_("等待"), matter, url, None, waiting[edition.pk], waiting=True))
        elif days:
            matter = _("{count} 家企业的查询结果到期（{title}）").format(title=edition.title, count=len(days))
            lines.append(Todo(_("再次核查"), matter, url, min(days), len(days)))
    return lines


def _review_lines(hat, editions, now) -> list[Todo]:
    valid = Q(assignments__sheet__submitted_at__isnull=False, assignments__recusal__isnull=True)
    waiting = Q(assignments__sheet__submitted_at__isnull=True, assignments__recusal__isnull=True)
    figures = defaultdict(list)
    kept = dict(kept_from(hat).filter(edition__in=editions).values_list("pk", "edition_id"))
    rows = (
        _under_review(editions)
        .exclude(pk__in=kept)
        .annotate(
            given=Count("assignments", Q(assignments__isnull=False)),
            valid=Count("assignments", valid & Q(assignments__isnull=False)),
            open=Count("assignments", waiting & Q(assignments__isnull=False)),
        )
    )
    for row in rows:
        figures[row.edition_id].append(row)
    rounds = dict(Discussion.objects.filter(edition__in=editions).values_list("edition_id", "ends_at"))
    lines = []
    for edition in editions:
        mine = figures[edition.pk]
        due = _day(edition.step(StepKind.REVIEW).closes)
        if edition.pk in rounds and now < rounds[edition.pk]:
            url = reverse("review:progress", args=[edition.pk])
            ends = _day(rounds[edition.pk])
            matter = _("讨论轮结束（{title}）").format(title=edition.title)
            lines.append(Todo(_("等待"), matter, url, ends, waiting=True))
            continue
        left = sum(row.open for row in mine)
        if edition.discussion and edition.pk not in rounds and not left and any(row.valid for row in mine):
            url = reverse("review:discussion", args=[edition.pk])
            lines.append(Todo(_("开始讨论轮"), edition.title, url, due))
        if mine and not any(row.given for row in mine):
            url = reverse("review:panel", args=[edition.pk])
            lines.append(Todo(_("聘请专家并分配评审任务"), edition.title, url, due))
        elif mine and all(row.valid >= edition.min_sheets for row in mine):
            if edition.pk in kept.values():
                continue  # another of the office closes
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
