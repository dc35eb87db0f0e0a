"""At work on the 展馆: what an enterprise shows, choosing it, letting it through, taking it back."""

from itertools import groupby

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awards.forms.releases import DecideForm, ReleaseForm, WithdrawForm
from awards.models import Honour, Release
from awards.services import deciding_releases, releasing
from awards.services.release_pictures import picture_bytes
from awards.services.release_sources import declared_of, frozen, offers_of
from nominations.models import Enterprise
from portal.files import show
from portal.models import Role
from portal.permissions import can, require

#: Who looks at what an enterprise released; whoever else knows the enterprise has no part in it.
_READERS = (Role.APPLICANT, Role.RECOMMENDER, Role.OFFICE, Role.AUDITOR)
MOST_LISTED = 100


def releases(request, pk):
    """Everything one enterprise ever released, and what became of it."""
    enterprise = _enterprise(request, pk)
    rows = list(
        Release.objects.visible_to(request.hat)
        .filter(enterprise=enterprise)
        .select_related("released_by__organisation", "decided_by__organisation", "withdrawn_by__organisation")
        .select_related("enterprise", "nomination__edition")
        .order_by("-released_at", "kind", "position")
    )
    standing = releasing.standing(enterprise).exists()
    public = set(Release.objects.public().filter(enterprise=enterprise).values_list("pk", flat=True))
    context = {
        "enterprise": enterprise,
        "standing": standing,
        "waiting": [each for each in rows if each.approved is None and not each.withdrawn_at],
        "shown": sorted((each for each in rows if each.pk in public), key=_place),
        "past": [
            each
            for each in rows
            if each.withdrawn_at or (each.approved is not None and each.pk not in public)
        ],
        "may_release": standing and can(request.hat, "awards.release", enterprise),
        "may_withdraw": any(can(request.hat, "awards.withdraw_release", each) for each in rows),
    }
    return render(request, "awards/releases.html", context)


def release(request, pk):
    """Choose what the public shall see, in which words."""
    enterprise = _enterprise(request, pk)
    require(request.hat, "awards.release", enterprise)
    offers = offers_of(enterprise, by=request.hat)
    there = enterprise.releases.filter(withdrawn_at__isnull=True).exclude(approved=False)
    # What waits comes last and stands for what is shown of the same.
    standing = {
        frozen(each.source): each for each in there.order_by(F("approved").asc(nulls_last=True), "pk")
    }
    form = ReleaseForm(
        request.POST or None,
        offers=offers,
        standing={
            offer.key: standing[frozen(offer.source)] for offer in offers if frozen(offer.source) in standing
        },
        letter=request.hat.role == Role.RECOMMENDER,
    )
    if request.method == "POST" and form.perform(
        releasing.release, enterprise, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已提交 {n} 项，办公室审核同意后公开。").format(n=len(form.result)))
        return redirect("awards:releases", enterprise.pk)
    return render(request, "awards/release.html", {"enterprise": enterprise, "form": form})


def waiting(request):
    """What waits to be let through, as the public would see it."""
    rows = (
        Release.objects.visible_to(request.hat)
        .waiting()
        .select_related("enterprise", "released_by__organisation", "nomination__edition")
        .order_by("enterprise__name", "enterprise", "kind", "position", "pk")
    )
    form = DecideForm(request.POST or None, waiting=rows, auto_id="decide_%s")
    if request.method == "POST" and form.perform(
        deciding_releases.decide_releases, by=request.hat, now=timezone.now()
    ):
        said = _("已同意公开 {n} 项。") if form.cleaned_data["approve"] else _("已退回 {n} 项，并告知企业。")
        messages.success(request, said.format(n=len(form.result)))
        return redirect("awards:releases_waiting")
    listed = list(rows[:MOST_LISTED])
    declared = declared_of(listed)
    groups = [
        (each, sorted(group, key=_place)) for each, group in groupby(listed, key=lambda row: row.enterprise)
    ]
    context = {
        "form": form,
        "groups": [
            (
                each,
                [(row, _declared(row, declared.get(row.pk))) for row in group],
                all(can(request.hat, "awards.decide_release", row) for row in group),
            )
            for each, group in groups
        ],
        "picked": {str(each) for each in form.data.getlist("releases")} if form.is_bound else set(),
        "total": rows.count() if len(listed) == MOST_LISTED else len(listed),
        "listed": len(listed),
    }
    context["may_decide"] = any(may for _each, _lines, may in context["groups"])
    return render(request, "awards/releases_waiting.html", context)


def withdraw(request, pk):
    released = _release(request, pk)
    require(request.hat, "awards.withdraw_release", released)
    form = WithdrawForm(request.POST or None)
    back = reverse("awards:releases", args=[released.enterprise_id])
    if request.method == "POST" and form.perform(
        releasing.withdraw, released, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已撤回“{title}”。").format(title=released.title))
        return redirect(back)
    context = {
        "form": form,
        "title": _("撤回“{title}”").format(title=released.title),
        "sentences": [
            _("公开页面立即不再显示这一项，图片的地址随即失效。"),
            _("看过的浏览器里可能保留图片，最多一分钟。"),
            _("内容和撤回理由留在记录中。"),
        ],
        "undo_note": _("撤回后要再公开，须重新提交、重新审核。"),
        "verb": _("撤回这一项"),
        "danger": True,
        "cancel_url": back,
    }
    return render(request, "awards/confirm.html", context)


def picture(request, pk, size):
    """For those at work, whether it is public or not."""
    found = _release(request, pk)
    data = picture_bytes(found.picture, small=size == "small") if found.picture else None
    if data is None:
        raise Http404
    return show(data, "image/webp")


def _enterprise(request, pk) -> Enterprise:
    if request.hat is None or request.hat.role not in _READERS:
        raise Http404
    released = Release.objects.visible_to(request.hat).filter(enterprise=OuterRef("pk"))
    named = Honour.objects.visible_to(request.hat).filter(enterprise=OuterRef("pk"), nomination__isnull=False)
    known = Q(pk__in=Enterprise.objects.visible_to(request.hat).values("pk"))
    return get_object_or_404(Enterprise.objects.filter(known | Exists(released) | Exists(named)), pk=pk)


def _release(request, pk) -> Release:
    rows = Release.objects.visible_to(request.hat).select_related("enterprise", "nomination__edition")
    return get_object_or_404(rows, pk=pk)


def _declared(row, offer) -> str:
    """What the declaration says of it, where that is something else."""
    if offer is None or offer.is_picture or (row.title, row.text) == (offer.title, offer.text):
        return ""
    return "\n".join(filter(None, (offer.title, offer.text)))


def _place(row: Release) -> tuple:
    """In the order of the public page."""
    return Release.Kind.values.index(row.kind), row.position, row.pk
