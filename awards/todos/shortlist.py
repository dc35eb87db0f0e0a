from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Shortlist
from awards.services import topping_up
from nominations.models import Edition, Step
from nominations.order import SCORING
from nominations.services.last_step import without_inspection
from portal.todo import Todo


def of(edition):
    """What the list of an edition waits for: to be drawn, then to be filled up where somebody left."""
    name, page = str(edition), reverse("awards:shortlist", args=[edition.pk])
    shortlist = getattr(edition, "shortlist", None)
    if shortlist is None:
        yield Todo(_("计算考察名单"), name, page)
    elif shortlist.status == Shortlist.Status.FAILED:
        yield Todo(_("再算一次考察名单"), name, page)
    elif shortlist.status != Shortlist.Status.DONE:
        yield Todo(_("等待考察名单算完"), name, page, waiting=True)
    elif topping_up.propose(edition).possible:
        yield Todo(_("办理递补考察"), name, page)


def ranking(hat) -> list[Todo]:
    """Editions of this office without 差额考察 whose order is not drawn yet."""
    unscored = Step.objects.filter(edition=OuterRef("pk"), kind__in=SCORING, enabled=True, closed_at=None)
    drawn = Shortlist.objects.filter(edition=OuterRef("pk"), status=Shortlist.Status.DONE)
    editions = Edition.objects.running().filter(without_inspection("pk"), ~Exists(unscored), ~Exists(drawn))
    lines = []
    for edition in editions.filter(host=hat.organisation).select_related("shortlist").order_by("pk"):
        shortlist, page = getattr(edition, "shortlist", None), reverse("awards:shortlist", args=[edition.pk])
        if shortlist is None:
            lines.append(Todo(_("计算综合排序"), str(edition), page))
        elif shortlist.status == Shortlist.Status.FAILED:
            lines.append(Todo(_("再算一次综合排序"), str(edition), page))
        else:
            lines.append(Todo(_("等待综合排序算完"), str(edition), page, waiting=True))
    return lines
