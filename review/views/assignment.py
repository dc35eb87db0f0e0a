"""Giving out the work of the panel."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.forms import ServiceForm
from portal.permissions import require
from review import services
from review.services.assigning import unassigned
from review.views.finding import find_edition, framed


def assign(request, pk):
    edition = find_edition(request, pk)
    require(request.hat, "review.assign", edition)
    form = ServiceForm(request.POST or None)
    if request.method == "POST":
        form = ServiceForm(request.POST)
        if form.perform(services.assign_all, edition, by=request.hat, now=timezone.now()):
            messages.success(request, _("已分配 {count} 份评审任务。").format(count=form.result))
            return redirect("review:panel", edition.pk)
    waiting = unassigned(edition)
    if not waiting and not form.errors:
        messages.info(request, _("没有待分配的评审任务。"))
        return redirect("review:panel", edition.pk)
    experts = sorted({f"{member.code} {member.expert.name}" for _nomination, member in waiting})
    names = {nomination.pk for nomination, _member in waiting}
    context = framed(
        request,
        edition,
        form=form,
        title=_("分配评审任务"),
        sentences=[
            _("{experts} 位专家各评 {count} 家企业，共 {total} 份评分表。").format(
                experts=len(experts), count=len(names), total=len(waiting)
            ),
            _("专家工作单位就是参评企业的，不分配给该专家。"),
            _("分配后通知各位专家，先声明有无回避情形，再打开材料。"),
        ],
        moves=experts,
        moves_title=_("将收到评审任务的专家"),
        verb=_("分配这 {count} 份评审任务").format(count=len(waiting)),
        cancel_url=reverse("review:panel", args=[edition.pk]),
    )
    return render(request, "review/confirm.html", context)
