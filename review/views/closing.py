"""Closing a step: who moves where, who does not and why, before anything happens."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.order import following
from nominations.states import StepKind
from portal.addresses import address
from portal.errors import Refused
from portal.figures import two_places
from portal.forms import ServiceForm
from portal.permissions import require
from portal.speech import said
from review import services
from review.services.freezing import why_not
from review.services.office_sight import refuse_hidden
from review.services.waiting import LOOK_AGAIN, VERIFY, Wait, waits_of
from review.views.finding import find_edition, find_review, framed

#: Of those that are still open; the rest is on the board.
SHOWN = 50


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
                _("资格审查已关闭：{qualified} 家进入{step}，{refused} 家不予通过。").format(
                    qualified=len(form.result.qualified),
                    step=_after_screening(edition),
                    refused=len(form.result.refused),
                ),
            )
            return redirect("review:screening", edition.pk)
    preview = services.preview_screening(edition, now=now)
    context = framed(
        request,
        edition,
        form=form,
        preview=preview,
        blocked=said(preview.blocked) if preview.blocked else "",
        refused=[(case.nomination, [said(reason) for reason in case.reasons]) for case in preview.refused],
        waiting=[
            (case.nomination, [(wait, _where(wait, case)) for wait in waits_of(case, preview.questions)])
            for case in preview.waiting[:SHOWN]
        ],
        more_waiting=max(len(preview.waiting) - SHOWN, 0),
        awaited=[each for each in preview.returns if each.deadline >= preview.today],
        late=[each for each in preview.returns if each.deadline < preview.today],
        send_url=address("review:batches", edition.pk),
        moves=[case.nomination.subject_name for case in preview.qualified],
        next_step=_after_screening(edition),
    )
    return render(request, "review/close_screening.html", context)


def _after_screening(edition) -> str:
    return StepKind(following(StepKind.SCREENING, edition.enabled)).label


def _where(wait: Wait, case) -> str:
    """The page where it is done."""
    if wait.overrule is not None:
        return reverse("review:decide_overrule", args=[wait.overrule.pk])
    if wait.kind in (VERIFY, LOOK_AGAIN):
        return reverse("review:find", args=[case.nomination.pk]) + f"?item={wait.item}"
    return reverse("review:answer", args=[case.nomination.pk]) + f"#item-{wait.item}"


def close_review(request, pk):
    edition = find_review(request, pk)
    require(request.hat, "review.close_review", edition)
    now = timezone.now()
    if edition.step(StepKind.REVIEW).closed_at:
        messages.info(request, _("专家评审已经关闭。"))
        return redirect("review:progress", edition.pk)
    form = ServiceForm(request.POST or None)
    if request.method == "POST":
        form = ServiceForm(request.POST)
        if form.perform(services.close_review, edition, by=request.hat, now=now):
            messages.success(request, _closed_words(edition))
            return redirect("review:progress", edition.pk)
    try:
        refuse_hidden(request.hat, edition)
    except Refused as refusal:
        # Nothing of the preview: any figure over all of them would tell of the one to be avoided.
        return render(request, "review/close.html", _closed_to(request, edition, form, refusal))
    preview = services.preview_review(edition, now=now)
    context = framed(
        request,
        edition,
        form=form,
        title=_("关闭专家评审"),
        clause_code="S1 四.3③",
        blocked=said(preview.blocked) if preview.blocked else "",
        open_names=_open_names(preview),
        sentences=_review_sentences(preview) + _warnings(preview),
        moves=[
            _("{name}（第 {rank} 名，{score} 分）").format(
                name=each.nomination.subject_name, rank=each.rank, score=two_places(each.outcome.score)
            )
            for each in (preview.nominees if preview.has_vote else preview.ranked)
        ],
        moves_title=_("提名，进入公众投票") if preview.has_vote else _("成绩冻结，参加综合排序"),
        stays=[
            f"{each.nomination.subject_name}：{said(why_not(each, preview.cut))}" for each in preview.missed
        ],
        stays_title=_("不予通过"),
        undo_note=_("关闭后成绩冻结，专家不能再评分或回避，也不能重新打开。"),
        verb=_("关闭专家评审，提名这 {count} 家").format(count=len(preview.nominees))
        if preview.has_vote
        else _("关闭专家评审，冻结 {count} 家的成绩").format(count=len(preview.ranked)),
        cancel_url=reverse("review:progress", args=[edition.pk]),
    )
    return render(request, "review/close.html", context)


def _closed_words(edition) -> str:
    if edition.has(StepKind.VOTING):
        return _("专家评审已关闭，成绩已冻结，提名企业进入公众投票。")
    return _("专家评审已关闭，成绩已冻结，下一步进行综合排序。")


def _closed_to(request, edition, form, refusal) -> dict:
    return framed(
        request,
        edition,
        form=form,
        title=_("关闭专家评审"),
        clause_code="S1 四.3③",
        blocked=said(refusal),
        cancel_url=reverse("review:progress", args=[edition.pk]),
    )


def _open_names(preview) -> list[tuple[str, str]]:
    """What keeps the review open: too few sheets, and sheets that were opened once more and not come back."""
    lines = [(each.nomination.subject_name, said(each.outcome.reason)) for each in preview.short]
    return lines + [
        (
            each.nomination.subject_name,
            _("{experts} 的评分表重开后还没有再次提交。").format(experts="、".join(each.reopened)),
        )
        for each in preview.reopened
    ]


def _review_sentences(preview) -> list[str]:
    if not preview.has_vote:
        by_ratio = preview.edition.has(StepKind.INSPECTION)
        return [
            _("本届不设公众投票，{count} 家全部留下，没有企业在本环节止步。").format(
                count=len(preview.ranked)
            ),
            _("下一步按专家得分进行综合排序，按差额比例产生考察名单。")
            if by_ratio
            else _("下一步按专家得分进行综合排序，按命名名额提出公示名单。"),
        ]
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
    return lines


def _warnings(preview) -> list[str]:
    """What does not count, whatever follows."""
    lines = []
    if preview.recused:
        lines.append(
            _("回避 {count} 份（本人申请或认定须回避的），不计入成绩。").format(count=preview.recused)
        )
    if preview.left:
        lines.append(_("已离开专家组的成员还有 {count} 份没有提交，不计入成绩。").format(count=preview.left))
    if preview.unfinished:
        lines.append(_("还有 {count} 份评分表没有提交，关闭后不再计入。").format(count=preview.unfinished))
    return lines
