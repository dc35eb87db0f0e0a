"""The record: who did what, to what, when and why; and whether the chain is whole."""

from django.apps import apps
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal import audit
from portal.forms import RecordFilter
from portal.models import AuditEntry, Organisation, Role
from portal.permissions import require
from portal.reading import line_of
from portal.verification import check_record, last_check

PER_PAGE = 50


def record(request):
    require(request.hat, "portal.read_record")
    editions = _editions(request.hat)
    form = RecordFilter(request.GET or None, editions=[(each.pk, each.title) for each in editions])
    entries = form.narrow(_visible(request.hat, editions))
    page = Paginator(entries.select_related("link").order_by("-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    titles = {each.pk: each.title for each in editions}
    seq, digest = audit.head()
    context = {
        "form": form,
        "page": page,
        "lines": [line_of(entry, titles) for entry in page],
        "head_seq": seq,
        "head_hash": digest,
        "check": last_check(),
    }
    return render(request, "portal/record.html", context)


@require_POST
def check(request):
    found = check_record(by=request.hat, now=timezone.now())
    if found.broken:
        messages.error(request, _("核对发现记录与写入时不一致，请立即联系系统管理员并保留现场。"))
    else:
        messages.success(request, _("已核对到第 {seq} 条，记录完整。").format(seq=found.seq))
    return redirect("portal:record")


def _editions(hat) -> list:
    return list(apps.get_model("nominations", "Edition").objects.visible_to(hat).only("pk", "title"))


def _visible(hat, editions):
    """The record but for what one is kept from; a district's office: of its own editions and people."""
    entries = AuditEntry.objects.open_to(hat)
    if hat.role == Role.OFFICE and hat.organisation.kind != Organisation.Kind.CITY:
        mine = entries.filter(edition_id__in=[each.pk for each in editions])
        return mine | entries.filter(edition_id__isnull=True, organisation_name=hat.organisation.name)
    return entries
