"""改正企业名称, on the way to correcting a list."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.publishing import RenameForm
from awards.models import Notice
from awards.services import registry
from awards.views.framing import framed
from nominations.models import Nomination
from nominations.services import renaming
from nominations.subjects import is_enterprise, title_of
from portal.permissions import require


def rename(request, pk):
    visible = Nomination.objects.visible_to(request.hat).select_related("edition")
    nomination = get_object_or_404(visible, pk=pk)
    require(request.hat, "nominations.rename", nomination)
    notice = Notice.objects.filter(in_force=True, rows__nomination=nomination).order_by("-pk").first()
    back = reverse("awards:publicity", args=[nomination.edition_id])
    if notice:
        back = reverse("awards:correct_notice", args=[notice.pk])
    form = RenameForm(request.POST or None, initial={"name": nomination.subject_name})
    title, note = (
        _("改正企业名称"),
        _("推荐材料和企业档案中的名称一并改正；已发布的公示不变，须另行更正公示。"),
    )
    if not is_enterprise(nomination.edition):
        name = form.fields["name"]
        name.label, name.help_text = _(title_of(nomination.edition)), ""
        title = _("改正{name}").format(name=name.label)
        note = _("推荐材料中的名称改正，企业名称不变；已发布的公示不变，须另行更正公示。")
    if request.method == "POST" and form.perform(
        renaming.rename, nomination, by=request.hat, now=timezone.now()
    ):
        registry.changed()
        messages.success(request, _("已改正为“{name}”。").format(name=form.result.subject_name))
        return redirect(back)
    context = framed(
        request,
        nomination.edition,
        form=form,
        title=title,
        note=note,
        submit=_("改正名称"),
        back=back,
    )
    return render(request, "awards/form.html", context)
