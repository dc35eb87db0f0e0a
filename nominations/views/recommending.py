from collections import Counter

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.forms.recommending import RecommendForm
from nominations.models import Nomination
from nominations.services import recommending
from nominations.views.editions import found, framed
from portal.permissions import require
from portal.speech import said


def recommend(request, pk):
    """Those picked, named, with what it does to the quota; then all of them or none."""
    edition = found(request, pk)
    asked = request.POST.getlist("pick") or request.GET.getlist("pick")
    picks = [int(each) for each in asked if each.isdecimal()]
    mine = Nomination.objects.visible_to(request.hat).filter(edition=edition)
    rows = list(
        mine.filter(pk__in=picks).select_related(
            "edition__host", "edition__category", "recommender", "enterprise", "declaration"
        )
    )
    for row in rows:
        require(request.hat, "nominations.recommend", row)
    if not rows:
        messages.warning(request, _("请先在列表中勾选要推荐的企业。"))
        return redirect("nominations:desk", edition.pk)
    preview = recommending.preview_recommend(rows)
    form = RecommendForm(request.POST or None, request.FILES or None, preview=preview)
    if request.method == "POST" and form.perform(
        recommending.recommend, rows, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已推荐 {n} 家，报办公室资格审查。").format(n=len(form.result)))
        return redirect("nominations:desk", edition.pk)
    adding = Counter(row.recommender_id for row in rows)
    context = framed(
        request,
        edition,
        form=form,
        title=_("推荐 {n} 家企业").format(n=len(rows)),
        sentences=[_quota_words(line, adding[line.organisation.pk]) for line in preview.lines],
        over_quota=[said(block) for block in preview.over_quota],
        is_blocked=bool(preview.blocks),
        blocked=sum(bool(line.blocks) for line in preview.rows),
        rows=[
            (line, [said(block) for block in line.blocks], form.opinion_of(line.nomination))
            for line in preview.rows
        ],
        free="&".join(f"pick={line.nomination.pk}" for line in preview.rows if not line.blocks),
        needs_publicity=recommending.needs_publicity(edition),
        undo_note=_("推荐后由办公室审查；要改动须由办公室退回。"),
        verb=_("推荐这 {n} 家").format(n=len(rows)),
        cancel_url=reverse("nominations:desk", args=[edition.pk]),
        picks=[row.pk for row in rows],
    )
    return render(request, "nominations/recommend.html", context)


def _quota_words(line, adding) -> str:
    if line.number is None:
        return _("{unit}：本届没有设名额，已推荐 {used} 家，本次 {adding} 家。").format(
            unit=line.organisation.name, used=line.used, adding=adding
        )
    left = line.number - line.used - adding
    words = _("{unit}：名额 {number} 家，已用 {used} 家，本次 {adding} 家。")
    if left >= 0:
        words = _("{unit}：名额 {number} 家，已用 {used} 家，本次 {adding} 家，推荐后还余 {left} 家。")
    return words.format(
        unit=line.organisation.name, number=line.number, used=line.used, adding=adding, left=left
    )
