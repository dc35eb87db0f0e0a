from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Shortlist
from awards.services import topping_up
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
