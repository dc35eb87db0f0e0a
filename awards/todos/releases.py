"""The exhibition: what waits to be let through, and who was named and shows nothing yet."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Honour, Release
from nominations.models import Enterprise
from portal.models import Membership, Role
from portal.todo import Todo

#: 委员会决定: who shows nothing is reminded for so many days after the naming, then left in peace.
REMINDED = 90


def of_office(hat: Membership) -> list[Todo]:
    rows = Release.objects.visible_to(hat).waiting().order_by()
    by_enterprise = rows.values_list("enterprise__name").annotate(n=Count("pk")).order_by("enterprise__name")
    address = reverse("awards:releases_waiting")
    return [Todo(_("审核展馆内容"), name, address, count=n) for name, n in by_enterprise]


def of_speaker(hat: Membership, today: date) -> Iterator[Todo]:
    """Those it speaks for, named of late from a declaration here, of whom nothing was ever released."""
    standing = Honour.objects.public().filter(
        enterprise=OuterRef("pk"),
        nomination__isnull=False,
        revoked_on__isnull=True,
        named_on__gt=today - timedelta(days=REMINDED),
    )
    if hat.role == Role.APPLICANT:
        own = {"organisation": hat.organisation}
    else:
        own = {"organisation__isnull": True}
        standing = standing.filter(nomination__recommender=hat.organisation)
    released = Release.objects.visible_to(hat).filter(enterprise=OuterRef("pk"))
    rows = Enterprise.objects.filter(Exists(standing), ~Exists(released), **own)
    for enterprise in rows.order_by("name"):
        yield Todo(_("选择展馆展示内容"), enterprise.name, reverse("awards:release", args=[enterprise.pk]))
