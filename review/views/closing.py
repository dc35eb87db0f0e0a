"""Closing a step: who moves where, who does not and why, before anything happens."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.figures import two_places
from portal.forms import ServiceForm
from portal.permissions import require
from portal.speech import said
from review import services
from review.services.reviewing import why_not
from review.views.finding import find_edition, framed


def close_screening(request, pk):
    edition = find_edition(request, pk)
    require(request.hat, "review.close_screening", edition)
    now = timezone.now()
    if edition.step(StepKind.SCREENING).closed_at:
        messages.info(request, _("资格审查已经关闭。"))
        return redirect("review:screening", edition.pk)
    form = ServiceForm(request.POST or None)
    if request.method == "POST":
        form = ServiceForm(request.POST)
        if form.perform(services.close_screening, edition, by=request.hat, now=now):
            messages.success(
                request,
                _("资格审查已关闭：{qualified} 家进入专家评审，{refused} 家不予通过。").format(
                    qualified=len(form.result.qualified), refused=len(form.result.refused)
                ),
            )
            return redirect("review:screening", edition.pk)
    preview = services.preview_screening(edition, now=now)
    open_names = [(case.nomination.subject_name, _why_open(case)) for case in preview.cases if _is_open(case)]
    context = framed(
        request,
        edition,
        form=form,
        title=_("关闭资格审查"),
        clause_code="S1 四.3②",
        blocked=said(preview.blocked) if preview.blocked else "",
        open_names=open_names,
        sentences=[
            _("{count} 家资格合格，列为候选企业，进入专家评审。").format(count=len(preview.qualified)),
            _("{count} 家不合格，在本环节止步，理由记入各家档案。").format(count=len(preview.refused)),
        ],
        moves=[case.nomination.subject_name for case in preview.qualified],
        moves_title=_("进入专家评审"),
        stays=[f"{case.nomination.subject_name}：{_said_all(case)}" for case in preview.refused],
        stays_title=_("不予通过"),
        undo_note=_("关闭后不能再答复或更改审查结论，也不能重新打开。"),
        verb=_("关闭资格审查，{count} 家进入专家评审").format(count=len(preview.qualified)),
        cancel_url=reverse("review:screening", args=[edition.pk]),
    )
    return render(request, "review/close.html", context)


def _is_open(case) -> bool:
    return bool(case.missing) or case.verdict == "open"


def _said_all(case) -> str:
    return "；".join(said(reason).rstrip("。") for reason in case.reasons)


def _why_open(case) -> str:
    if case.missing:
        return _("等待 {names} 的有效答复").format(
            names="、".join(question.department.short_name for question in case.missing)
        )
    return _said_all(case)


def close_review(request, pk):
    edition = find_edition(request, pk)
    require(request.hat, "review.close_review", edition)
    now = timezone.now()
    if edition.step(StepKind.REVIEW).closed_at:
        messages.info(request, _("专家评审已经关闭。"))
        return redirect("review:progress", edition.pk)
    form = ServiceForm(request.POST or None)
    if request.method == "POST":
        form = ServiceForm(request.POST)
        if form.perform(services.close_review, edition, by=request.hat, now=now):
            messages.success(request, _("专家评审已关闭，成绩已冻结，提名企业进入公众投票。"))
            return redirect("review:progress", edition.pk)
    preview = services.preview_review(edition)
    context = framed(
        request,
        edition,
        form=form,
        title=_("关闭专家评审"),
        clause_code="S1 四.3③",
        blocked=said(preview.blocked) if preview.blocked else "",
        open_names=[(each.nomination.subject_name, said(each.outcome.reason)) for each in preview.short],
        sentences=_review_sentences(preview),
        moves=[
            _("{name}（第 {rank} 名，{score} 分）").format(
                name=each.nomination.subject_name, rank=each.rank, score=two_places(each.outcome.score)
            )
            for each in preview.nominees
        ],
        moves_title=_("提名，进入公众投票"),
        stays=[
            f"{each.nomination.subject_name}：{said(why_not(each, preview.cut))}" for each in preview.missed
        ],
        stays_title=_("不予通过"),
        undo_note=_("关闭后成绩冻结，专家不能再评分或回避，也不能重新打开。"),
        verb=_("关闭专家评审，提名这 {count} 家").format(count=len(preview.nominees)),
        cancel_url=reverse("review:progress", args=[edition.pk]),
    )
    return render(request, "review/close.html", context)


def _review_sentences(preview) -> list[str]:
    lines = [
        _("按专家得分从高到低提名 {count} 家进入公众投票，末位得分 {cut}。").format(
            count=len(preview.nominees), cut=two_places(preview.cut) if preview.cut is not None else "—"
        ),
        _("其余 {count} 家在本环节止步。").format(count=len(preview.missed)),
    ]
    if preview.warning:
        lines.append(said(preview.warning))
    if preview.at_the_cut:
        names = "、".join(each.nomination.subject_name for each in preview.at_the_cut)
        lines.append(_("末位同分：{names}。").format(names=names))
    if preview.unfinished:
        lines.append(_("还有 {count} 份评分表没有提交，关闭后不再计入。").format(count=preview.unfinished))
    return lines
