from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nominations.forms.duplicates import TellApartForm
from nominations.models import Enterprise
from nominations.services import pairs
from nominations.views.editions import found, framed
from portal.errors import Refused
from portal.permissions import require
from portal.speech import said

PAGE = 10


def overview(request, pk):
    """疑似重复: every pair side by side, and what was told apart."""
    edition = found(request, pk)
    page = Paginator(pairs.read_pairs(edition, by=request.hat), PAGE).get_page(request.GET.get("page"))
    context = framed(
        request,
        edition,
        page=page,
        pairs=pairs.pairs_of(edition, page.object_list),
        apart=pairs.told_apart(edition),
    )
    return render(request, "nominations/duplicates.html", context)


def apart(request, pk):
    """不是同一家, with a reason."""
    edition = found(request, pk)
    require(request.hat, "nominations.tell_apart", edition)
    data = request.POST if request.method == "POST" else request.GET
    asked = [data.get(name, "") for name in ("one", "other")]
    if not all(each.isdecimal() for each in asked):
        raise Http404
    # Which pairs there are is asked again: the address alone names nobody of another host's.
    one, other = (int(each) for each in asked)
    if {one, other} not in [set(pair) for pair in pairs.read_pairs(edition, by=request.hat)]:
        raise Http404
    back = reverse("nominations:duplicates", args=[edition.pk])
    form = TellApartForm(
        request.POST if request.method == "POST" else None, initial={"one": one, "other": other}
    )
    if request.method == "POST" and form.perform(
        pairs.tell_apart, edition, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已标记为不是同一家，不再列出。"))
        return redirect(back)
    names = Enterprise.objects.in_bulk([one, other])
    context = framed(
        request,
        edition,
        form=form,
        title=_("不是同一家"),
        sentences=[
            _("标记后，这两家不再列为疑似重复；申报内容都不改动。"),
            _("标记和理由记入留痕，以后可以取消。"),
        ],
        moves=[f"{each.name}（{each.credit_code}）" for each in (names[one], names[other])],
        moves_title=_("这两家"),
        verb=_("标记为不是同一家"),
        cancel_url=back,
    )
    return render(request, "nominations/confirm.html", context)


@require_POST
def again(request, pk, mark):
    edition = found(request, pk)
    require(request.hat, "nominations.tell_apart", edition)
    mark = get_object_or_404(pairs.told_apart(edition), pk=mark)
    try:
        pairs.look_again(mark, edition, by=request.hat, now=timezone.now())
        messages.success(request, _("已取消标记，这两家重新列出。"))
    except Refused as refusal:
        messages.error(request, said(refusal))
    return redirect("nominations:duplicates", edition.pk)
