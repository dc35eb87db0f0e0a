"""The office's page of the publicity, and the public's."""

import io

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awards.forms.publishing import PickForm, PublishForm
from awards.models import Notice
from awards.services import naming, notice_papers, publishing
from awards.views.framing import edition_of, framed, public_file
from nominations.states import StepKind
from portal.errors import Refused
from portal.permissions import can
from portal.speech import said
from portal.templatetags.portal import cndate


def publicity(request, pk):
    edition = edition_of(request, pk)
    now = timezone.now()
    today = timezone.localdate(now)
    notices = list(
        edition.notices.prefetch_related("rows__nomination__recommender", "objections__nomination")
    )
    for notice in notices:
        notice.left = remaining(notice, now)
    listed = publishing.list_of(edition)
    step = edition.steps.get(kind=StepKind.INSPECTION)
    waits = step.enabled and not step.closed_at
    proposed = publishing.propose_replacement(edition) if listed else publishing.propose(edition)
    preview = naming.preview_naming(edition, today) if listed else None
    return render(
        request,
        "awards/publicity.html",
        framed(
            request,
            edition,
            notices=notices,
            listed=listed,
            waits_for_inspection=waits,
            proposed=proposed,
            naming=preview,
            reasons=[said(reason) for reason in preview.reasons] if preview else [],
            objections=[each for notice in notices for each in notice.objections.all()],
            may_publish=can(request.hat, "awards.publish_notice", edition),
        ),
    )


def publish_notice(request, pk):
    edition = edition_of(request, pk, "awards.publish_notice")
    if listed := publishing.list_of(edition):
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
    form = PublishForm(
        request.POST or None, rows=proposed.passed, preview=preview, initial={"chosen": chosen}
    )
    if request.method == "POST" and form.perform(service, edition, by=request.hat, now=now):
        notice = form.result
        messages.success(request, _("已公示，{day}24时截止。").format(day=cndate(notice.ends_on)))
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
            stays_title=_("考察合格，留作候补"),
            undo_note=_("公示后名单对外公开，不能撤销。"),
            cancel_url=reverse("awards:publicity", args=[edition.pk]),
        ),
    )


def _consequences(edition, preview):
    yield _("公示名单和公告立即对外公开，公告文件同时生成。")
    yield _("公示期 {n} 个工作日，今天不计入，从{start}起，到{end}24时止。").format(
        n=preview.workdays, start=cndate(preview.starts_on), end=cndate(preview.ends_on)
    )
    if preview.provisional:
        yield _("公示期涉及的放假安排为暂定，请核对截止日。")
    if preview.departs:
        yield _("这份名单与综合得分的次序不一致，须写明理由和会议纪要文号。")
    for each in preview.problems:
        yield _("“{name}”再次核查有问题（{department}：{explanation}），现在不能公示。").format(
            name=each.nomination.subject_name,
            department=each.question.department.short_name,
            explanation=each.opinion.explanation,
        )
    for name, expired in preview.stale:
        yield _("“{name}”的排除条件核查结果已于{day}过期，须重新核查。").format(
            name=name, day=cndate(expired)
        )
    if not (edition.contact_address or edition.contact_phone or edition.contact_mail):
        yield _("本届没有填写联系方式，公告中只会写明受理单位。可以先在届次设置中补上。")


def remaining(notice, now) -> str:
    """What is left of a period, in words."""
    if now >= notice.ends_at:
        return _("公示期已满")
    left = notice.ends_at - now
    if left.days:
        return _("还有 {days} 天 {hours} 小时").format(days=left.days, hours=left.seconds // 3600)
    return _("还有 {hours} 小时 {minutes} 分").format(
        hours=left.seconds // 3600, minutes=left.seconds % 3600 // 60
    )


@login_not_required
@require_safe
def notice(request, pk):
    found = get_object_or_404(Notice.objects.visible_to(request.hat).select_related("edition__host"), pk=pk)
    now = timezone.now()
    replacements = found.edition.notices.exclude(pk=found.pk).order_by("published_at")
    return render(
        request,
        "awards/notice.html",
        {
            "edition": found.edition,
            "notice": found,
            "rows": notice_papers.rows_of(found),
            "paragraphs": found.text.split("\n"),
            "left": remaining(found, now),
            "open": found.published_at <= now < found.ends_at,
            "others": replacements,
            "outcomes": found.objections.exclude(public_outcome="").select_related("nomination"),
        },
    )


@login_not_required
@require_safe
def notice_document(request, pk):
    found = get_object_or_404(Notice.objects.visible_to(request.hat), pk=pk)
    out = io.BytesIO()
    notice_papers.write_notice_document(found, out)
    return public_file("公示公告.docx", out.getvalue())


@login_not_required
@require_safe
def notice_export(request, pk):
    found = get_object_or_404(Notice.objects.visible_to(request.hat).select_related("edition__host"), pk=pk)
    out = io.BytesIO()
    notice_papers.write_notice_table(found, out)
    return public_file("公示名单.xlsx", out.getvalue())
