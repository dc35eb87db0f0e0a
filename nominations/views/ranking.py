from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.forms.recommending import SubmitForm
from nominations.models import Nomination
from nominations.services import ranking
from nominations.services.windows import recommenders
from nominations.states import ENDINGS
from nominations.views.editions import found, framed
from portal.models import Role
from portal.permissions import require


def rank(request, pk):
    """The recommender's order, saved as a whole; without a script a button moves one line and saves."""
    edition = found(request, pk)
    unit = _ranked_unit(request, edition)
    rows = Nomination.objects.visible_to(request.hat).filter(edition=edition, recommender=unit)
    rows = sorted(rows.exclude(state__in=ENDINGS), key=ranking.by_rank)
    for row in rows[:1]:
        require(request.hat, "nominations.rank", row)
    form = SubmitForm(request.POST if request.method == "POST" else None)
    order = _moved([int(each) for each in request.POST.getlist("order") if each.isdecimal()], request.POST)
    if request.method == "POST" and form.perform(
        ranking.set_ranks, edition, unit, order, by=request.hat, now=timezone.now()
    ):
        moved = request.POST.get("up") or request.POST.get("down") or ""
        if moved.isdecimal():
            return redirect(f"{request.get_full_path()}#row-{moved}")
        messages.success(request, _("{n} 家的推荐排序已保存。").format(n=len(form.result)))
        return redirect(request.get_full_path())
    # Refused because the list has moved: the list as it is now, in the order the person gave it.
    rows = ranking.in_order_of(rows, order) if order else rows
    return render(request, "nominations/rank.html", framed(request, edition, rows=rows, form=form, unit=unit))


def _ranked_unit(request, edition):
    if request.hat.role == Role.RECOMMENDER:
        return request.hat.organisation
    if request.hat.role != Role.OFFICE:
        raise Http404
    unit = request.GET.get("unit", "")
    return get_object_or_404(recommenders(edition), pk=int(unit) if unit.isdecimal() else 0)


def _moved(order: list[int], post) -> list[int]:
    for name, step in (("up", -1), ("down", 1)):
        pk = post.get(name, "")
        if pk.isdecimal() and int(pk) in order:
            at = order.index(int(pk))
            to = min(max(at + step, 0), len(order) - 1)
            order.insert(to, order.pop(at))
    return order
