"""复核记录: how the exclusions stand for each enterprise, and the look-ups of the office."""

from itertools import groupby

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, When
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.honours import ReasonForm
from awards.forms.publishing import LookForm
from awards.models import Look
from awards.services import looks
from awards.services.ending_found import refuse_found as refuse
from awards.views.framing import edition_of, framed
from nominations.models import Edition, Nomination
from nominations.states import State
from portal.files import serve
from portal.permissions import can, require
from portal.templatetags.portal import cndate
from review.rules import ITEM

PER_PAGE = 200


def look_list(request, pk):
    edition = edition_of(request, pk)
    now = timezone.now()
    today = timezone.localdate(now)
    there = list(
        edition.nominations.filter(looks.looked_at())
        .exclude(inspection__verdict="failed")
        .select_related("enterprise", "recommender")
        .order_by(Case(When(state=State.PUBLICITY, then=0), default=1), "shortlist_row__rank", "pk")
    )
    standing = looks.fresh([each.pk for each in there], today)
    may = can(request.hat, "awards.note_look", edition)
    form = None
    if may and there:
        lacking = [standing[each.pk] for each in there if not standing[each.pk].ok]
        form = LookForm(
            request.POST or None,
            request.FILES or None,
            choices=[(each.pk, each.subject_name) for each in there],
            initial={
                "nominations": [each.nomination for each in lacking],
                "items": list({item for each in lacking for item in each.lacking}),
                "looked_up_on": today,
            },
        )
    if request.method == "POST":
        require(request.hat, "awards.note_look", edition)
        if form and form.perform(looks.note_looks, edition, by=request.hat, now=now):
            messages.success(request, _("已登记 {n} 条复核记录。").format(n=len(form.result)))
            return redirect("awards:looks", edition.pk)
    kept = (
        Look.objects.filter(nomination__edition=edition)
        .select_related("nomination", "noted_by__user")
        .order_by("-noted_at", "nomination_id", "pk")
    )
    page = Paginator(kept, PER_PAGE).get_page(request.GET.get("page"))
    context = framed(
        request,
        edition,
        form=form,
        lines=[(each, standing[each.pk], _lacking(standing[each.pk])) for each in there],
        page=page,
        groups=_together(page),
        days=edition.finding_days,
    )
    return render(request, "awards/looks.html", context)


def _lacking(freshness) -> list[str]:
    """Each exclusion that is not in order, and why, in few words."""
    words = {item: _("发现问题（{note}）").format(note=look.note) for item, look in freshness.found.items()}
    words |= dict.fromkeys(freshness.missing, _("没有查询结果"))
    words |= {item: _("{day}已过期").format(day=cndate(day)) for item, day in freshness.lapsed.items()}
    return [f"{_(ITEM[item].title)}：{words[item]}" for item in freshness.lacking]


def _together(looks_kept) -> list[dict]:
    """What was entered in one go, as one line."""

    def entry(look):
        return (look.noted_at, look.noted_by, look.looked_up_on, look.source, look.clear, look.note)

    groups = []
    for _key, rows in groupby(looks_kept, key=entry):
        rows = list(rows)
        groups.append(
            {
                "look": rows[0],
                "names": list(dict.fromkeys(row.nomination.subject_name for row in rows)),
                "items": [_(ITEM[item].title) for item in dict.fromkeys(row.item for row in rows)],
            }
        )
    return groups


def refuse_found(request, pk):
    """不予通过 on what the office found, after a page that says so."""
    visible = Nomination.objects.visible_to(request.hat).select_related("edition")
    nomination = get_object_or_404(visible, pk=pk)
    require(request.hat, "nominations.reject", nomination)
    now = timezone.now()
    found = looks.fresh([nomination.pk], timezone.localdate(now))[nomination.pk].found
    reason = "；".join(
        _("{item}：{day}复核发现问题，{note}").format(
            item=_(ITEM[item].title), day=cndate(look.looked_up_on), note=look.note
        )
        for item, look in found.items()
    )
    form = ReasonForm(request.POST or None, initial={"reason": reason[:300]})
    back = reverse("awards:looks", args=[nomination.edition_id])
    if request.method == "POST" and form.perform(refuse, nomination, by=request.hat, now=now):
        messages.success(request, _("“{name}”不予通过。").format(name=nomination.subject_name))
        return redirect(back)
    context = framed(
        request,
        nomination.edition,
        form=form,
        title=_("对“{name}”作不予通过").format(name=nomination.subject_name),
        sentences=[
            _("复核发现的问题没有消除，企业在“{state}”环节止步。").format(state=nomination.state_label),
            _("空出的位置由后面的企业按次序递补。"),
        ],
        undo_note=_("作出后不能撤回。"),
        verb=_("不予通过"),
        danger=True,
        cancel_url=back,
    )
    return render(request, "awards/confirm.html", context)


def look_paper(request, pk):
    """The paper of one look-up, for whoever may see the look-ups of its edition."""
    found = get_object_or_404(
        Look.objects.filter(nomination__edition__in=Edition.objects.visible_to(request.hat)).select_related(
            "nomination__edition"
        ),
        pk=pk,
    )
    require(request.hat, "awards.export", found.nomination.edition)
    if not found.paper:
        messages.info(request, _("这条复核记录没有附件。"))
        return redirect("awards:looks", found.nomination.edition_id)
    suffix = found.paper.name.rsplit(".", 1)[-1]
    return serve(request, found.paper, f"{found.nomination.subject_name}复核{found.looked_up_on}.{suffix}")
