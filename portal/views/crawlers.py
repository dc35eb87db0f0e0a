"""What is said to those who collect pages: which they may read, and where they are."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps.views import sitemap as sitemap_of
from django.http import HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.addresses import address
from portal.shelf import Shelf, shelved

# The addresses in it show what is so now; that one is new may be known a little later.
SITEMAPS = Shelf(fresh=timedelta(minutes=10), stale=timedelta(hours=1), most=20)
#: Pages whose own and lower addresses may be read, and those of them that may not.
OPEN = ("portal:front", "awards:registry", "awards:exhibition", "awards:notices")
SHUT = ("awards:registry_print", "awards:registry_export", "voting:lookup", "voting:inbox", "voting:verify")


@login_not_required
@require_safe
def sitemap(request):
    """sitemap.xml: what the floors above say is public."""
    page = request.GET.get("p", "1")
    page = page if page.isascii() and page.isdigit() and len(page) < 4 else "1"

    def make():
        maps = {}
        for source in settings.SITEMAPS:
            maps |= import_string(source)
        answer = sitemap_of(request, maps).render()
        return answer.content, "application/xml"

    origin = f"{request.scheme}://{request.get_host()}"
    return shelved(request, SITEMAPS, (page, origin), make, now=timezone.now())


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def robots(request):
    """robots.txt: the public pages, and nothing else."""
    lines = ["User-agent: *", "Allow: /$", "Allow: /sitemap.xml", "Allow: /static/"]
    lines += [f"Allow: {each}" for name in OPEN if (each := address(name))]
    lines += ["Allow: /vote/*/$", "Allow: /vote/*/result/", "Allow: /vote/candidate/"]
    lines += ["Disallow: /vote/*/*/$"]
    lines += [f"Disallow: {each}" for name in SHUT if (each := address(name))]
    lines += ["Disallow: /", "", f"Sitemap: {request.build_absolute_uri(address('portal:sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
