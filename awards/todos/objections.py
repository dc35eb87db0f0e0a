from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Objection
from portal.errors import N_
from portal.todo import Todo

_VERBS = {Objection.State.LODGED: N_("审查异议"), Objection.State.ACCEPTED: N_("核查异议")}
_ANSWER = N_("答复异议")


def pending(hat) -> list[Objection]:
    return list(Objection.objects.visible_to(hat).open().select_related("nomination", "notice"))


def todos(pending) -> list[Todo]:
    return [_todo(row) for row in pending]


def _todo(row) -> Todo:
    verb = _(_VERBS.get(row.state, _ANSWER))
    url = reverse("awards:objection", args=[row.pk])
    return Todo(verb, f"{row.nomination.subject_name} {row.number}", url)
