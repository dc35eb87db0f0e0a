"""The office opens a sheet once more."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.permissions import require
from review import services
from review.forms.sheets import ReopenForm
from review.mine import is_under_review
from review.services.conflicts import conflict_of
from review.views.finding import find_assignment, framed


def reopen(request, pk):
    """What reopening does, in words before it happens; and the reason."""
    assignment = find_assignment(request, pk)
    require(request.hat, "review.reopen_sheet", assignment)
    own, back = getattr(assignment, "sheet", None), reverse("review:sheet", args=[assignment.pk])
    name, code = assignment.nomination.subject_name, assignment.member.code
    form = ReopenForm(request.POST or None)
    blocks = _blocks(assignment, own)
    if (
        request.method == "POST"
        and not blocks
        and form.perform(services.reopen_sheet, own, by=request.hat, now=timezone.now())
    ):
        messages.success(request, _("{code} 对“{name}”的评分表已重开。").format(code=code, name=name))
        return redirect("review:progress", assignment.nomination.edition_id)
    context = framed(
        request,
        assignment.nomination.edition,
        assignment=assignment,
        nomination=assignment.nomination,
        form=form,
        blocks=blocks,
        title=_("重开 {code} 对“{name}”的评分表").format(code=code, name=name),
        sentences=[
            _("这位专家可以修改这份评分表，修改后须重新提交；重新提交前，这一份不计入成绩。"),
            _("现在的得分和评语留在记录中，不会删除。"),
            _("重开的人、时间和理由记入留痕，并通知这位专家。"),
        ],
        undo_note=_("重开后您不能替专家提交，只能由专家本人重新提交。"),
        verb=_("重开这份评分表"),
        cancel_url=back,
    )
    return render(request, "review/reopen.html", context)


def _blocks(assignment, own) -> list[str]:
    if hasattr(assignment, "recusal") or conflict_of(assignment):
        return [_("这位专家已回避这一家，评分表不计入成绩，不需要重开。")]
    if own is None or own.submitted_at is None:
        return [_("这份评分表还没有提交，不需要重开。")]
    if not is_under_review(assignment.nomination):
        return [_("这一家的专家评审已经结束，评分表不能再改。")]
    return []
