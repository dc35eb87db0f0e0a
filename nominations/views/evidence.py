from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.forms.evidence import AttachForm
from nominations.services.evidence import attach_evidence
from nominations.views.editions import framed
from nominations.views.records import nomination_of
from portal.permissions import require


def attach(request, pk):
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.attach", nomination)
    form = AttachForm(request.POST or None, request.FILES or None, nomination=nomination)
    if request.method == "POST" and form.perform(
        attach_evidence, nomination, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("“{title}”已上传。").format(title=form.result.title))
        return redirect(nomination)
    context = framed(request, nomination.edition, form=form, nomination=nomination)
    return render(request, "nominations/attach.html", context)
