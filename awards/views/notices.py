"""What the public reads: the list of notices, one notice with its versions, its files, the feed."""

import io

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awards import documents
from awards.models import Notice, Objection
from awards.services import notice_papers, notice_pdf
from awards.views.framing import public_file
from portal.documents import pdf

PER_PAGE = 20


@login_not_required
@require_safe
def notices(request):
    """Every notice of published editions, the newest first."""
    now, running = timezone.now(), request.GET.get("running") == "1"
    found = Notice.objects.public().select_related("edition__host")
    if running:
        found = found.filter(in_force=True, ends_on__gte=timezone.localdate(now))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    for notice in page:
        notice.left = remaining(notice, now)
    return render(request, "awards/notices.html", {"page": page, "running": running})


@login_not_required
@require_safe
def notice(request, pk):
    found = _found(request, pk)
    now = timezone.now()
    before, after = documents.around_list(found.text)
    versions = _versions(found)
    return render(
        request,
        "awards/notice.html",
        {
            "edition": found.edition,
            "notice": found,
            "rows": notice_papers.rows_of(found),
            "before": before,
            "after": after,
            "left": remaining(found, now),
            "open": found.in_force and found.published_at <= now < found.ends_at,
            "newest": versions[-1],
            "versions": versions,
            "others": found.edition.notices.exclude(pk__in=[each.pk for each in versions]).order_by(
                "published_at"
            ),
            # What was decided on an earlier version holds for the list as it stands.
            "outcomes": Objection.objects.filter(notice__in=versions)
            .exclude(public_outcome="")
            .select_related("nomination")
            .order_by("decided_at", "pk"),
        },
    )


@login_not_required
@require_safe
def notice_document(request, pk):
    found = _found(request, pk)
    out = io.BytesIO()
    notice_papers.write_notice_document(found, out)
    return public_file(documents.FILE_NAMES[documents.template_of(found)], out.getvalue())


@login_not_required
@require_safe
def notice_print(request, pk):
    """The PDF, or the page for the browser to print where this machine sets none."""
    found = _found(request, pk)
    if not pdf.available():
        return HttpResponse(notice_pdf.notice_page(found))
    return public_file("公示公告.pdf", notice_pdf.notice_pdf(found))


@login_not_required
@require_safe
def notice_export(request, pk):
    found = _found(request, pk)
    out = io.BytesIO()
    notice_papers.write_notice_table(found, out)
    return public_file("公示名单.xlsx", out.getvalue())


def remaining(notice, now) -> str:
    """What is left of a period, in words."""
    if not notice.in_force:
        return _("已更正")
    if now >= notice.ends_at:
        return _("公示期已满")
    left = notice.ends_at - now
    if left.days:
        return _("还有 {days} 天 {hours} 小时").format(days=left.days, hours=left.seconds // 3600)
    return _("还有 {hours} 小时 {minutes} 分").format(
        hours=left.seconds // 3600, minutes=left.seconds % 3600 // 60
    )


def _found(request, pk) -> Notice:
    return get_object_or_404(
        Notice.objects.visible_to(request.hat).select_related("edition__host", "edition__category"), pk=pk
    )


def _versions(notice) -> list[Notice]:
    """The line of versions this one stands in, the first one first."""
    known = {each.pk: each for each in notice.edition.notices.filter(kind=notice.kind)}
    after = {each.supersedes_id: each for each in known.values() if each.supersedes_id}
    first = known[notice.pk]
    while first.supersedes_id:
        first = known[first.supersedes_id]
    line = [first]
    while line[-1].pk in after:
        line.append(after[line[-1].pk])
    return line
