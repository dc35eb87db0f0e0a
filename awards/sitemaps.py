"""What of this floor stands in sitemap.xml: the 名录, the 展馆 with its pages, and the notices."""

from django.contrib.sitemaps import Sitemap
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from awards.models import Honour, Notice, Release
from awards.services.registry import Search


class Registry(Sitemap):
    """The whole list, and each year of it."""

    def items(self):
        rows = Honour.objects.public().order_by("-year").values("year")
        years = list(rows.annotate(named=Max("named_on"), revoked=Max("revoked_on")))
        days = [(row["year"], max(row["named"], row["revoked"] or row["named"])) for row in years]
        return [(None, max((day for _year, day in days), default=None)), *days]

    def location(self, item):
        return reverse("awards:registry") + Search(year=item[0]).query()

    def lastmod(self, item):
        return item[1]


class Exhibition(Sitemap):
    """The halls, and the page of everyone with a public naming."""

    def items(self):
        rows = Honour.objects.public().order_by("enterprise").values("enterprise")
        namings = rows.annotate(named=Max("named_on"), revoked=Max("revoked_on"))
        shown = Release.objects.public().order_by().values_list("enterprise").annotate(Max("decided_at"))
        released = {pk: timezone.localdate(moment) for pk, moment in shown}
        days = [
            (pk, max(day for day in (row["named"], row["revoked"], released.get(pk)) if day))
            for row in namings
            for pk in (row["enterprise"],)
        ]
        return [(None, max((day for _pk, day in days), default=None)), *days]

    def location(self, item):
        pk, _day = item
        return reverse("awards:exhibit", args=[pk]) if pk else reverse("awards:exhibition")

    def lastmod(self, item):
        return item[1]


class Notices(Sitemap):
    def items(self):
        return Notice.objects.public().order_by("-published_at", "-pk")

    def lastmod(self, item):
        return item.published_at

    def location(self, item):
        return reverse("awards:notice", args=[item.pk])


SITEMAPS = {"registry": Registry, "exhibition": Exhibition, "notices": Notices}
