from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Shortlist
from portal.todo import Todo


def of(edition):
    """What the list of an edition waits for; nothing once it is there."""
    name, page = str(edition), reverse("awards:shortlist", args=[edition.pk])
    shortlist = getattr(edition, "shortlist", None)
    if shortlist is None:
        yield Todo(_("计算考察名单"), name, page)
    elif shortlist.status == Shortlist.Status.FAILED:
        yield Todo(_("再算一次考察名单"), name, page)
    elif shortlist.status != Shortlist.Status.DONE:
        yield Todo(_("等待考察名单算完"), name, page, waiting=True)
