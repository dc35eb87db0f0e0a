from django.urls import reverse
from django.utils.translation import gettext as _

from portal.todo import Todo


def of(edition, last, today, *, disputed: bool):
    """Naming waits for the last day of publicity, and for objections to who is still on the list."""
    if last >= today:
        page = reverse("awards:publicity", args=[edition.pk])
        yield Todo(_("公示期满后命名"), edition.title, page, due=last, waiting=True)
    elif not disputed:
        yield Todo(_("办理命名"), edition.title, reverse("awards:name", args=[edition.pk]))
