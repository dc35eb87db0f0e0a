"""Naming, and the honours afterwards: the office's list, the public registry."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awards.forms.naming import FlagsForm, MedalForm, NameForm, RegistryForm, RevokeForm
from awards.models import Honour
from awards.services import honour_tables, naming, promoting, revoking
from awards.views.framing import edition_of, framed, workbook
from portal.models import Organisation
from portal.permissions import can, require
from portal.speech import said


def name(request, pk):
    edition = edition_of(request, pk, "awards.name")
    now = timezone.now()
    preview = naming.preview_naming(edition, timezone.localdate(now))
    # What a fresh look at the exclusions would settle is asked on this page, everything else comes first.
    beyond = naming.preview_naming(edition, timezone.localdate(now), rechecked=True)
    form = NameForm(
        request.POST or None,
        candidates=preview.candidates,
        medals=edition.host.kind == Organisation.Kind.CITY,
        stale=bool(preview.stale),
    )
    if request.method == "POST" and form.perform(naming.name_winners, edition, by=request.hat, now=now):
        messages.success(request, _("已命名 {n} 家。").format(n=len(form.result)))
        return redirect("awards:honours", edition.pk)
    context = {
        "form": form,
        "preview": preview,
        "reasons": [said(reason) for reason in beyond.reasons],
        "warnings": [said(warning) for warning in preview.warnings],
        "of_city": edition.host.kind == Organisation.Kind.CITY,
    }
    return render(request, "awards/name.html", framed(request, edition, **context))


def honours(request, pk):
    edition = edition_of(request, pk)
    rows = honour_tables.honours_of(edition)
    may_conclude = can(request.hat, "nominations.conclude", edition) and not edition.concluded_at
    context = {"honours": rows, "may_conclude": may_conclude and edition.current_step is None}
    return render(request, "awards/honours.html", framed(request, edition, **context))


def honours_export(request, pk):
    edition = edition_of(request, pk)
    return workbook(
        "命名名单.xlsx", lambda out: honour_tables.write_honours_table(edition, out, by=request.hat)
    )


def honour_medal(request, pk):
    honour = _found(request, pk)
    initial = {
        "name": honour.medal_name,
        "office": honour.medal_office,
        "position": honour.medal_position,
    }
    form = MedalForm(request.POST or None, initial=initial)
    title = _("五一劳动奖章人选：{name}").format(name=honour.enterprise.name)
    return _edited(request, honour, form, promoting.set_medal, title)


def honour_flags(request, pk):
    honour = _found(request, pk)
    initial = {"model_worker": honour.model_worker, "to_province": honour.to_province}
    form = FlagsForm(request.POST or None, initial=initial)
    title = _("推荐标记：{name}").format(name=honour.enterprise.name)
    return _edited(request, honour, form, promoting.set_flags, title)


def _edited(request, honour, form, service, title):
    edition = honour.nomination.edition
    if request.method == "POST" and form.perform(service, honour, by=request.hat, now=timezone.now()):
        messages.success(request, _("已保存。"))
        return redirect("awards:honours", edition.pk)
    context = {"form": form, "title": title, "back": reverse("awards:honours", args=[edition.pk])}
    return render(request, "awards/form.html", framed(request, edition, **context))


def honour_revoke(request, pk):
    honour = _found(request, pk)
    edition = honour.nomination.edition
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.perform(
        revoking.revoke_honour, honour, by=request.hat, now=timezone.now()
    ):
        messages.success(request, _("已撤销命名。"))
        return redirect("awards:honours", edition.pk)
    sentences = [
        _("{number} “{name}”在公开名录中显示为已撤销，并写明理由。").format(
            number=honour.number, name=honour.enterprise.name
        ),
        _("尚未拨付的资助资金不能再拨付。"),
    ]
    context = {
        "form": form,
        "title": _("撤销“{name}”的命名").format(name=honour.enterprise.name),
        "sentences": sentences,
        "undo_note": _("撤销后不能恢复。"),
        "verb": _("撤销这一家的命名"),
        "danger": True,
        "cancel_url": reverse("awards:honours", args=[edition.pk]),
    }
    return render(request, "awards/confirm.html", framed(request, edition, **context))


def _found(request, pk):
    rows = Honour.objects.visible_to(request.hat).filter(nomination__isnull=False)
    honour = get_object_or_404(rows.select_related("enterprise", "host", "nomination__edition__host"), pk=pk)
    require(request.hat, "awards.name", honour)
    return honour


@login_not_required
@require_safe
def registry(request):
    """Everybody who was ever named, searchable; one revoked is shown as such."""
    form = RegistryForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    district = Coalesce(
        NullIf(F("nomination__declaration__division_name"), Value("")), F("enterprise__division_name")
    )
    named = Honour.objects.public()
    rows = named.select_related("enterprise", "host").annotate(district=district)
    years = sorted(named.order_by().values_list("year", flat=True).distinct(), reverse=True)
    levels = set(named.order_by().values_list("level", flat=True).distinct())
    districts = sorted({row for row in rows.order_by().values_list("district", flat=True).distinct() if row})
    if asked.get("q"):
        rows = rows.filter(Q(enterprise__name__icontains=asked["q"]) | Q(number__iexact=asked["q"]))
    for key in ("year", "level", "district"):
        if asked.get(key):
            rows = rows.filter(**{key: asked[key]})
    page = Paginator(rows.order_by("-year", "number"), 50).get_page(request.GET.get("page"))
    level_words = dict(Honour.Level.choices)
    context = {
        "page": page,
        "q": asked.get("q", ""),
        "years": years,
        "levels": [(level, level_words[level]) for level in Honour.Level.values if level in levels],
        "districts": districts,
        "asked": asked,
        "total": _("共 {n} 家次").format(n=page.paginator.count),
    }
    return render(request, "awards/registry.html", context)
