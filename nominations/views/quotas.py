import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from nominations.forms.quotas import QuotaFileForm, QuotaForm
from nominations.services import quotas
from nominations.services.quotas import QuotaChange
from nominations.views.editions import found, framed
from portal.permissions import require
from portal.workbook.writing import attachment

HISTORY = 20


def numbers(request, pk):
    """Every quota by hand, and who changed which from what to what, and why."""
    edition = found(request, pk)
    require(request.hat, "nominations.set_quota", edition)
    form = QuotaForm(request.POST or None, lines=quotas.quota_lines(edition))
    if request.method == "POST" and form.perform(
        quotas.set_quotas, edition, by=request.hat, now=timezone.now()
    ):
        _tell(request, len(form.result))
        return redirect("nominations:quotas", edition.pk)
    page = Paginator(quotas.quota_history(edition), HISTORY).get_page(request.GET.get("page"))
    return render(request, "nominations/quotas.html", framed(request, edition, form=form, page=page))


def upload(request, pk):
    """A workbook of quotas: what it would change, then all of it or nothing."""
    edition = found(request, pk)
    require(request.hat, "nominations.set_quota", edition)
    if request.method == "POST" and "apply" in request.POST:
        return _apply(request, edition)
    form = QuotaFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(quotas.read_quotas, edition, by=request.hat):
        if form.result:
            return _preview(request, edition, form.result, QuotaForm(lines=[]))
        messages.info(request, _("文件中的名额与现在的相同，没有需要改的。"))
        return redirect("nominations:quotas_import", edition.pk)
    return render(request, "nominations/quota_import.html", framed(request, edition, form=form))


def blank(request, pk):
    edition = found(request, pk)
    out = io.BytesIO()
    quotas.write_quotas(edition, out, by=request.hat)
    return attachment(f"{edition.title}推荐名额分配表.xlsx", out.getvalue())


def _apply(request, edition):
    wanted = set(request.POST.getlist("unit"))
    lines = [line for line in quotas.quota_lines(edition) if str(line.organisation.pk) in wanted]
    form = QuotaForm(request.POST, lines=lines)
    if form.perform(quotas.set_quotas, edition, by=request.hat, now=timezone.now()):
        _tell(request, len(form.result))
        return redirect("nominations:quotas", edition.pk)
    changes = [
        QuotaChange(
            line.organisation,
            line.number,
            form.fields[name].to_python(request.POST.get(name, "")) if name not in form.errors else None,
            request.POST.get(form.name_of(line, "remark"), ""),
        )
        for line, _field, _shown in form.rows
        for name in [form.name_of(line)]
    ]
    return _preview(request, edition, changes, form)


def _preview(request, edition, changes, form):
    changes = [change for change in changes if change.before != change.after]
    asks_reason = any(change.needs_reason and not change.reason for change in changes)
    form.fields["reason"].required = asks_reason
    context = framed(request, edition, changes=changes, form=form, asks_reason=asks_reason)
    return render(request, "nominations/quota_preview.html", context)


def _tell(request, changed):
    if changed:
        messages.success(request, _("已保存，改动了 {n} 个单位的名额。").format(n=changed))
    else:
        messages.info(request, _("名额没有改动。"))
