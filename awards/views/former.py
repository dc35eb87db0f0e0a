"""The honours of former years: entered by the office one at a time, or as a workbook."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.honours import FormerForm
from awards.services import former
from portal.permissions import require


def former_new(request):
    require(request.hat, "awards.enter_former")
    form = FormerForm(request.POST or None, levels=former.levels_of(request.hat.organisation))
    if request.method == "POST" and form.perform(former.enter_former, by=request.hat, now=timezone.now()):
        messages.success(request, _("已登记“{name}”的命名。").format(name=form.result.enterprise.name))
        return redirect("awards:honour", form.result.pk)
    context = {
        "form": form,
        "title": _("登记历年命名"),
        "note": _("本系统启用以前的命名，按当时的文件逐条登记，列入公开名录。"),
        "back": reverse("awards:registry"),
    }
    return render(request, "awards/form.html", context)
