from django.urls import reverse
from django.utils.translation import gettext as _

from awards.models import Extension, Objection
from awards.services.objection_clock import due_of
from portal.errors import N_
from portal.todo import Todo

_VERBS = {Objection.State.LODGED: N_("审查异议"), Objection.State.ACCEPTED: N_("核查异议")}
_ANSWER = N_("答复异议")


def pending(hat) -> list[Objection]:
    rows = Objection.objects.visible_to(hat).open().select_related("nomination__enterprise", "notice")
    return list(rows.prefetch_related("handlers"))


def todos(hat, pending) -> list[Todo]:
    """For who handles it a thing to do; for the rest of the office one that waits for them."""
    return [*(_todo(hat, row) for row in pending), *_extensions(hat, pending)]


def _todo(hat, row) -> Todo:
    handlers = {each.user_id for each in row.handlers.all() if each.until is None}
    return Todo(
        _(_VERBS.get(row.state, _ANSWER)),
        _named(row),
        reverse("awards:objection", args=[row.pk]),
        due_of(row),
        waiting=bool(handlers) and hat.user_id not in handlers,
    )


def _extensions(hat, pending):
    """Asked for by another: any of the office may decide it."""
    by_pk = {row.pk: row for row in pending}
    asked = Extension.objects.filter(objection__in=by_pk, allowed__isnull=True)
    for each in asked.exclude(asked_by__user=hat.user_id):
        row = by_pk[each.objection_id]
        url = reverse("awards:objection_extend", args=[row.pk])
        yield Todo(_("决定异议延期"), _named(row), url, each.from_due)


def to_answer(hat) -> list[Todo]:
    """What the office has put to this enterprise, as long as it has not answered."""
    rows = Objection.objects.put_to(hat).filter(state=Objection.State.ACCEPTED)
    rows = rows.exclude(hearings__side="subject").select_related("nomination__enterprise")
    return [
        Todo(
            _("答复公示期间的异议"),
            row.nomination.subject_name,
            reverse("awards:my_objection", args=[row.pk]),
            row.reply_due,
        )
        for row in rows
    ]


def _named(row) -> str:
    return f"{row.nomination.subject_name} {row.number}"
