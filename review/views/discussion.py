"""The office opens the discussion round of an edition."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.states import StepKind
from portal.permissions import require
from portal.templatetags.portal import cndatetime
from review.forms.sheets import DiscussionForm
from review.models import Discussion
from review.services.discussion import open_discussion, preview_discussion
from review.views.finding import find_review, framed


def discuss(request, pk):
    """What the round does, to how many sheets, and until when; or why there is none now."""
    edition = find_review(request, pk)
    require(request.hat, "review.open_discussion", edition)
    form = DiscussionForm(request.POST or None)
    ready, left = preview_discussion(edition)
    blocks = _blocks(edition, ready, left)
    if (
        request.method == "POST"
        and not blocks
        and form.perform(open_discussion, edition, by=request.hat, now=timezone.now())
    ):
        messages.success(request, _("讨论轮已开始，专家已收到通知。"))
        return redirect("review:progress", edition.pk)
    context = framed(
        request,
        edition,
        form=form,
        blocks=blocks,
        title=_("开始讨论轮"),
        sentences=[
            _("已提交的 {count} 份评分表全部重新打开，专家可以修改并重新提交。").format(count=ready),
            _("专家会看到每家总分的最低、四分位、中位和最高，不记名；评分表不足 3 份的不显示。"),
            _("讨论前后的两份都留存；到截止时间没有重新提交的，按讨论前的评分计。"),
            _("讨论轮结束前，专家评审环节不能关闭。"),
        ],
        undo_note=_("讨论轮只能开一次，开始后不能撤回。"),
        verb=_("开始讨论轮"),
        cancel_url=reverse("review:progress", args=[edition.pk]),
    )
    return render(request, "review/discussion.html", context)


def _blocks(edition, ready, left) -> list[str]:
    if edition.step(StepKind.REVIEW).closed_at:
        return [_("专家评审环节已经关闭。")]
    if not edition.discussion:
        return [_("本届没有设讨论轮。需要的，请先在届次设置中选中。")]
    if kept := Discussion.objects.filter(edition=edition).first():
        return [
            _("讨论轮已于 {opened} 开始，截止 {ends}。").format(
                opened=cndatetime(kept.opened_at), ends=cndatetime(kept.ends_at)
            )
        ]
    if left:
        words = _("还有 {count} 份评分表没有提交，全部提交或回避后才能开讨论轮。")
        return [words.format(count=left)]
    return [] if ready else [_("还没有已提交的评分表，不能开讨论轮。")]
