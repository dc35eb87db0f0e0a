"""The enterprise's side of an objection: what it is asked, its answer, what came of it. Never who asked."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from awards.forms.handling import ReplyForm
from awards.models import Hearing, Objection
from awards.services import hearing, objection_letters
from awards.views.framing import framed
from portal import documents


@never_cache
def my_objection(request, pk):
    found = _put_to_me(request, pk)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.perform(hearing.reply, found, by=request.hat, now=timezone.now()):
        messages.success(request, _("答复已提交。"))
        return redirect("awards:my_objection", found.pk)
    context = {
        "objection": found,
        "form": form if hearing.may_reply(found) or request.method == "POST" else None,
        "replies": found.hearings.filter(side=Hearing.Side.SUBJECT, way=hearing.IN_WRITING),
        "decided": objection_letters.is_ready(found, objection_letters.ENTERPRISE),
    }
    return render(request, "awards/my_objection.html", framed(request, found.notice.edition, **context))


@require_POST
@never_cache
def my_objection_letter(request, pk):
    found = get_object_or_404(_rows(request), pk=pk, upheld__isnull=False)
    side = objection_letters.ENTERPRISE
    data = objection_letters.issue_letter(found, side, by=request.hat, now=timezone.now())
    return documents.download(objection_letters.FILE_NAMES[side], data)


def _put_to_me(request, pk) -> Objection:
    return get_object_or_404(_rows(request), pk=pk)


def _rows(request):
    rows = Objection.objects.put_to(request.hat)
    return rows.select_related("notice__edition__host", "nomination__enterprise")
