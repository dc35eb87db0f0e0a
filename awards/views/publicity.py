"""The office's page of the publicity: publish a list, replace who is out, correct what was wrong."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.publishing import CorrectForm, OrderForm, PickForm, PublishForm
from awards.models import Notice
from awards.services import correcting, former, naming, periods, publishing
from awards.services.standing_list import list_in_force
from awards.views.framing import edition_of, framed
from awards.views.notices import remaining
from nominations.services.last_step import last_step
from nominations.states import State, StepKind
from portal import calendar
from portal.errors import Refused
from portal.permissions import can, require
from portal.speech import said
from portal.templatetags.portal import cndate, dayend


def publicity(request, pk):
    edition = edition_of(request, pk)
    now = timezone.now()
    today = timezone.localdate(now)
    listed = list_in_force(edition)
    inspected = edition.has(StepKind.INSPECTION)
    before = last_step(edition)
    notices = _notices(edition, now)
    proposed = publishing.propose_replacement(edition) if listed else publishing.propose(edition)
    preview = naming.preview_naming(edition, today) if listed else None
    return render(
        request,
        "awards/publicity.html",
        framed(
            request,
            edition,
            notices=[notice for notice in notices if notice.in_force],
            earlier=[notice for notice in notices if not notice.in_force],
            listed=listed,
            inspected=inspected,
            waits_for=None if before.closed_at else before,
            unranked=not inspected and not publishing.is_ranked(edition),
            proposed=proposed,
            naming=preview,
            former=former.named_before(row.nomination for row in proposed.passed),
            reasons=[said(reason) for reason in preview.reasons] if preview else [],
            objections=[each for notice in notices for each in notice.objections.all()],
            may_publish=can(request.hat, "awards.publish_notice", edition),
        ),
    )


def _notices(edition, now):
    """Those of an edition, each with what is left of its period and whether its end may still move."""
    days = calendar.published()
    found = list(
        edition.notices.select_related("supersedes").prefetch_related(
            "rows__nomination", "objections__nomination"
        )
    )
    objected = {notice.pk: len(notice.objections.all()) for notice in found}
    for notice in reversed(found):
        # What was objected to an earlier version is about this list too.
        notice.objected = objected[notice.pk] + objected.get(notice.supersedes_id, 0)
        objected[notice.pk] = notice.objected
        notice.left = remaining(notice, now)
        notice.unsure = notice.in_force and periods.provisional_now(notice, days)
        notice.recount_end = notice.recount and date.fromisoformat(notice.recount["ends_on"])
        notice.may_correct = notice.in_force and State.NAMED not in {
            row.nomination.state for row in notice.rows.all()
        }
    return found


def publish_notice(request, pk):
    edition = edition_of(request, pk, "awards.publish_notice")
    if listed := list_in_force(edition):
        # The second of two clicks, or of two offices, comes to the one list there is.
        messages.info(request, _("名单已于{day}公示。").format(day=cndate(listed.published_at)))
        return redirect("awards:publicity", edition.pk)
    return _confirm(request, edition, publishing.propose(edition), publishing.publish_notice)


def publish_replacement(request, pk):
    edition = edition_of(request, pk, "awards.publish_notice")
    proposed = publishing.propose_replacement(edition)
    if not proposed.seats:
        messages.info(request, _("公示名单没有空出的名额，不需要递补。"))
        return redirect("awards:publicity", edition.pk)
    return _confirm(request, edition, proposed, publishing.publish_replacement)


def _confirm(request, edition, proposed, service):
    """The page that says what will happen; the same page with what is wrong when it is refused."""
    now = timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    chosen = PickForm(data, rows=proposed.passed).picked()
    if not chosen:
        messages.error(request, _("请先在拟公示名单中勾选企业。"))
        return redirect("awards:publicity", edition.pk)
    try:
        preview = publishing.preview(edition, proposed, chosen, timezone.localdate(now))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:publicity", edition.pk)
    if preview.stale or preview.problems:
        return not_yet(request, edition, preview)
    form = PublishForm(
        request.POST or None, rows=proposed.passed, preview=preview, initial={"chosen": chosen}
    )
    if request.method == "POST" and form.perform(service, edition, by=request.hat, now=now):
        notice = form.result
        messages.success(request, _("已公示，{end}截止。").format(end=dayend(notice.ends_on)))
        return redirect("awards:publicity", edition.pk)
    taken = {row.nomination_id for row in preview.rows}
    return render(
        request,
        "awards/confirm.html",
        framed(
            request,
            edition,
            form=form,
            title=_("公示这 {n} 家").format(n=len(preview.rows)),
            verb=_("公示这 {n} 家").format(n=len(preview.rows)),
            sentences=list(_consequences(edition, preview)),
            moves=[row.nomination.subject_name for row in preview.rows],
            moves_title=_("列入公示名单"),
            stays=[row.nomination.subject_name for row in proposed.passed if row.nomination_id not in taken],
            stays_title=_("考察合格，留作候补") if edition.has(StepKind.INSPECTION) else _("留作候补"),
            undo_note=_("公示后名单对外公开，不能撤销；有误的只能发布更正公示，原公示仍然公开。"),
            cancel_url=reverse("awards:publicity", args=[edition.pk]),
        ),
    )


def not_yet(request, edition, preview):
    """Nobody is published while an exclusion was not looked up in time, or something was found."""
    problems = [
        _("“{name}”再次核查有问题（{department}：{explanation}）。").format(
            name=each.nomination.subject_name,
            department=each.question.department.short_name,
            explanation=each.opinion.explanation,
        )
        for each in preview.problems
    ]
    context = framed(
        request,
        edition,
        problems=problems,
        lacking=[said(reason) for each in preview.stale for reason in each.reasons],
        days=edition.finding_days,
    )
    return render(request, "awards/not_yet.html", context)


def _consequences(edition, preview):
    yield _("公示名单和公告立即对外公开，公告文件同时生成。")
    yield _("公示期 {n} 个工作日，今天不计入，从{start}起，至{end}止。").format(
        n=preview.workdays, start=cndate(preview.starts_on), end=dayend(preview.ends_on)
    )
    if preview.provisional:
        yield _("公示期涉及的放假安排为暂定，请核对截止日。工作日历确认以前不能办理命名。")
    if preview.departs:
        yield _("这份名单与综合得分的次序不一致，须写明理由和会议纪要文号。")
    if not (edition.contact_address or edition.contact_phone or edition.contact_mail):
        yield _("本届没有填写联系方式，公告中只会写明受理单位。可以先在届次设置中补上。")


def correct_notice(request, pk):
    """First the corrected list, by numbers; then what it means, and why."""
    notice = get_object_or_404(Notice.objects.visible_to(request.hat).select_related("edition__host"), pk=pk)
    require(request.hat, "awards.correct_notice", notice)
    if not notice.in_force:
        # A doubled click, or another office a moment before.
        messages.info(request, _("这份公示已经更正过。"))
        return redirect("awards:publicity", notice.edition_id)
    proposed = correcting.propose_correction(notice)
    standing = correcting.standing_on(notice)
    if request.method == "POST":
        return _confirm_correction(request, notice, proposed, request.POST.getlist("chosen"))
    order = OrderForm(request.GET or None, rows=_in_order(proposed.passed, standing), standing=standing)
    if request.GET and order.is_valid():
        return _confirm_correction(request, notice, proposed, order.picked())
    context = framed(request, notice.edition, notice=notice, form=order, standing=standing, proposed=proposed)
    return render(request, "awards/correct.html", context)


def _in_order(rows, standing):
    """Who stands on the list as it stands, then the reserves by rank."""
    places = {pk: number for number, pk in enumerate(standing)}
    return sorted(rows, key=lambda row: (places.get(row.nomination_id, len(places)), row.rank))


def _confirm_correction(request, notice, proposed, picked):
    now = timezone.now()
    allowed = {row.nomination_id for row in proposed.passed}
    chosen = [int(pk) for pk in picked if str(pk).isdecimal() and int(pk) in allowed]
    try:
        preview = correcting.preview_correction(notice, proposed, chosen, timezone.localdate(now))
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect("awards:correct_notice", notice.pk)
    if preview.restarted and (preview.seen.stale or preview.seen.problems):
        return not_yet(request, notice.edition, preview.seen)
    form = CorrectForm(
        request.POST or None, rows=proposed.passed, preview=preview, initial={"chosen": chosen}
    )
    if request.method == "POST" and form.perform(correcting.correct_notice, notice, by=request.hat, now=now):
        messages.success(request, _("已发布更正公示，{end}截止。").format(end=dayend(form.result.ends_on)))
        return redirect("awards:publicity", notice.edition_id)
    return render(
        request,
        "awards/confirm.html",
        framed(
            request,
            notice.edition,
            form=form,
            title=_("发布更正公示"),
            verb=_("发布更正公示"),
            sentences=[*preview.changes, *_correction_consequences(preview)],
            moves=[row.nomination.subject_name for row in preview.seen.rows],
            moves_title=_("更正后的名单"),
            stays=[each.subject_name for each in preview.dropped],
            stays_title=_("撤下，回到候补"),
            undo_note=_("更正公示立即对外公开，不能撤销；原公示仍然公开，并注明已更正。"),
            cancel_url=reverse("awards:correct_notice", args=[notice.pk]),
        ),
    )


def _correction_consequences(preview):
    end = dayend(preview.ends_on)
    if preview.restarted:
        yield _("更正改变了名单，公示期重新计算：{n} 个工作日，今天不计入，从{start}起，至{end}止。").format(
            n=preview.workdays, start=cndate(preview.starts_on), end=end
        )
    else:
        yield _("更正没有改变名单，公示期不重新计算，至{end}止。").format(end=end)
    if preview.provisional:
        yield _("公示期涉及的放假安排为暂定，请核对截止日。工作日历确认以前不能办理命名。")
    if preview.departs:
        yield _("这份名单与综合得分的次序不一致，须写明理由和会议纪要文号。")
