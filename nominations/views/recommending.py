from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.forms.recommending import RecommendForm, SendBackForm, SubmitForm
from nominations.models import Nomination
from nominations.services import recommending
from nominations.services.windows import recommenders
from nominations.states import ENDINGS
from nominations.views.editions import found, framed
from nominations.views.records import nomination_of
from portal.models import Role
from portal.permissions import require
from portal.speech import said


def recommend(request, pk):
    """Those picked, named, with what it does to the quota; then all of them or none."""
    edition = found(request, pk)
    asked = request.POST.getlist("pick") or request.GET.getlist("pick")
    picks = [int(each) for each in asked if each.isdecimal()]
    mine = Nomination.objects.visible_to(request.hat).filter(edition=edition)
    rows = list(mine.filter(pk__in=picks).select_related("edition", "recommender", "declaration"))
    for row in rows:
        require(request.hat, "nominations.recommend", row)
    if not rows:
        messages.warning(request, _("请先在列表中勾选要推荐的企业。"))
        return redirect("nominations:desk", edition.pk)
    form = RecommendForm(request.POST or None)
    if request.method == "POST" and form.perform(
        recommending.recommend, rows, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已推荐 {n} 家，报办公室资格审查。").format(n=len(form.result)))
        return redirect("nominations:desk", edition.pk)
    preview = recommending.preview_recommend(rows)
    context = framed(
        request,
        edition,
        form=form,
        title=_("推荐 {n} 家企业").format(n=len(rows)),
        sentences=[_quota_words(line, len(rows)) for line in preview.lines],
        blocks=[said(block) for block in preview.blocks],
        moves=[row.subject_name for row in preview.nominations],
        moves_title=_("报办公室资格审查"),
        undo_note=_("推荐后由办公室审查；要改动须由办公室退回。"),
        verb=_("推荐这 {n} 家").format(n=len(rows)),
        cancel_url=reverse("nominations:desk", args=[edition.pk]),
        picks=[row.pk for row in rows],
    )
    return render(request, "nominations/recommend.html", context)


def send_back(request, pk):
    nomination = nomination_of(request, pk)
    require(request.hat, "nominations.send_back", nomination)
    now = timezone.now()
    form = SendBackForm(request.POST or None, now=now)
    if request.method == "POST" and form.perform(recommending.send_back, nomination, by=request.hat, now=now):
        messages.success(request, _("“{name}”已退回补正。").format(name=nomination.subject_name))
        return redirect(nomination)
    context = framed(
        request,
        nomination.edition,
        form=form,
        title=_("退回“{name}”").format(name=nomination.subject_name),
        sentences=[_("申报内容回到起草，企业和推荐单位会收到通知，补正后重新提交。")],
        verb=_("退回这一家"),
        cancel_url=nomination.get_absolute_url(),
    )
    return render(request, "nominations/confirm.html", context)


def rank(request, pk):
    """The recommender's order; a button moves one line by one place and saves."""
    edition = found(request, pk)
    unit = _ranked_unit(request, edition)
    rows = Nomination.objects.visible_to(request.hat).filter(edition=edition, recommender=unit)
    rows = sorted(rows.exclude(state__in=ENDINGS), key=lambda row: (row.rank is None, row.rank or 0, row.pk))
    for row in rows[:1]:
        require(request.hat, "nominations.rank", row)
    form = SubmitForm(request.POST if request.method == "POST" else None)
    order = [int(each) for each in request.POST.getlist("order") if each.isdecimal()]
    if request.method == "POST" and form.perform(
        recommending.set_ranks, edition, unit, _moved(order, request.POST), by=request.hat, now=timezone.now()
    ):
        moved = request.POST.get("up") or request.POST.get("down") or ""
        return redirect(
            f"{request.get_full_path()}#row-{moved}" if moved.isdecimal() else request.get_full_path()
        )
    return render(request, "nominations/rank.html", framed(request, edition, rows=rows, form=form, unit=unit))


def _ranked_unit(request, edition):
    if request.hat.role == Role.RECOMMENDER:
        return request.hat.organisation
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


def _quota_words(line, adding) -> str:
    if line.number is None:
        return _("{unit}：本届没有设名额，已推荐 {used} 家，本次 {adding} 家。").format(
            unit=line.organisation.name, used=line.used, adding=adding
        )
    return _("{unit}：名额 {number} 家，已用 {used} 家，本次 {adding} 家。").format(
        unit=line.organisation.name, number=line.number, used=line.used, adding=adding
    )
