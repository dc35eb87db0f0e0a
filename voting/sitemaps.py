"""What of this floor stands in sitemap.xml: the votes anybody may walk into, and their results."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from voting.models import Poll


class Polls(Sitemap):
    def items(self):
        return Poll.objects.public().order_by("-opens", "-pk")

    def location(self, item):
        return reverse("voting:booth", args=[item.pk])


class Results(Sitemap):
    def items(self):
        return Poll.objects.public().filter(closed_at__isnull=False).order_by("-closes", "-pk")

    def lastmod(self, item):
        return item.closed_at

    def location(self, item):
        return reverse("voting:result", args=[item.pk])


SITEMAPS = {"polls": Polls, "results": Results}
