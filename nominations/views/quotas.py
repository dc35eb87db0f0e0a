from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.forms.quotas import QuotaForm
from nominations.services import quotas
from nominations.views.editions import found, framed
from portal.permissions import require


def numbers(request, pk):
    edition = found(request, pk)
    require(request.hat, "nominations.set_quota", edition)
    form = QuotaForm(request.POST or None, lines=quotas.quota_lines(edition))
    if request.method == "POST" and form.perform(
        quotas.set_quotas, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("名额已保存。"))
        return redirect("nominations:quotas", edition.pk)
    return render(request, "nominations/quotas.html", framed(request, edition, form=form))
