"""递补考察: what taking the next in line in would mean, and doing it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from awards.forms.shortlisting import TopUpForm
from awards.services import topping_up
from awards.views.framing import edition_of, framed
from nominations.models import Nomination


@require_http_methods(["GET", "POST"])
def top_up(request, pk, nomination):
    """`nomination`: who left."""
    edition = edition_of(request, pk, "awards.top_up")
    found = Nomination.objects.visible_to(request.hat).filter(edition=edition)
    leaver = get_object_or_404(found, pk=nomination)
    form = TopUpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.perform(
        topping_up.top_up, edition, instead_of=leaver, by=request.hat, now=timezone.now()
    ):
        names = "、".join(each.row.nomination.subject_name for each in form.result)
        messages.success(request, _("{names}已递补列入考察名单。").format(names=names))
        return redirect("awards:shortlist", pk)
    proposal = topping_up.propose(edition)
    if leaver.pk not in {row.nomination_id for row in proposal.leavers}:
        messages.info(request, _("“{name}”没有空出考察名额，或已经递补过。").format(name=leaver.subject_name))
        return redirect("awards:shortlist", pk)
    if not proposal.possible:
        messages.info(request, _("现在没有需要递补的名额，或没有可以递补的企业。"))
        return redirect("awards:shortlist", pk)
    form.show(proposal.following)
    context = {"form": form, **_words(edition, leaver, proposal)}
    return render(request, "awards/confirm.html", framed(request, edition, **context))


def _words(edition, leaver, proposal):
    rows = proposal.following
    names = [_("第 {rank} 名 {name}").format(rank=row.rank, name=row.nomination.subject_name) for row in rows]
    if len(rows) == 1:
        following, verb = _("按综合名次，下一家是第 {rank} 名。"), _("递补这一家")
    else:
        following = _("按综合名次，下一个名次是第 {rank} 名，{n} 家并列，一并递补。")
        verb = _("递补这 {n} 家")
    sentences = [
        _("“{name}”在名单生成后退出（{state}），空出一个考察名额。退出理由：{reason}").format(
            name=leaver.subject_name, state=leaver.state_label, reason=leaver.ended_reason or "—"
        ),
        following.format(rank=rows[0].rank, n=len(rows)),
        _("递补的企业进入差额考察，与其他企业一样安排考察组；已建立考察任务的，同时建立它的任务。"),
        _("已冻结的综合成绩和结果文件不变，递补另行记载。"),
    ]
    return {
        "title": _("递补考察"),
        "sentences": sentences,
        "moves": names,
        "moves_title": _("列入考察名单"),
        "undo_note": _("递补后不能撤回；递补的企业可以自行撤回申报。"),
        "verb": verb.format(n=len(rows)),
        "cancel_url": reverse("awards:shortlist", args=[edition.pk]),
    }
