"""The public registry."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awards.forms.honours import RegistryForm
from awards.models import Honour


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
