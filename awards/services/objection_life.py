"""What became of an objection, as a life line: for the office with names, for the objector without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from awards.documents import day_text
from awards.models import Objection


@dataclass(frozen=True)
class Entry:
    """One line of `components/lifeline.html`."""

    when: datetime
    who: str
    what: str
    why: str = ""


def life_of(objection: Objection, *, inside: bool) -> list[Entry]:
    """Latest first. `inside` names who did it and tells of the handlers; else the office stands for all."""
    entries = [*_shared(objection, inside), *(_inner(objection) if inside else ())]
    return sorted(entries, key=lambda entry: entry.when, reverse=True)


def _shared(objection, inside) -> Iterator[Entry]:
    host = objection.notice.edition.host.name

    def who(hat):
        return str(hat.user) if inside and hat else host

    yield Entry(objection.lodged_at, _("公众"), _("提出异议"))
    if objection.accepted_at:
        yield Entry(objection.accepted_at, who(objection.accepted_by), _("受理"))
    for each in objection.extensions.select_related("asked_by__user", "decided_by__user"):
        if each.allowed:
            what = _("延长办结期限至{day}").format(day=day_text(each.to_due))
            yield Entry(each.decided_at, who(each.decided_by), what, each.reason if inside else "")
    if objection.decided_at:
        yield Entry(
            objection.decided_at,
            who(objection.decided_by),
            _OUTCOMES[objection.upheld](),
            objection.public_outcome,
        )
    if objection.answered_at:
        yield Entry(objection.answered_at, host, _("答复"))


_OUTCOMES = {
    True: lambda: _("认定异议成立"),
    False: lambda: _("认定异议不成立"),
    None: lambda: _("不予受理"),
}


def _inner(objection) -> Iterator[Entry]:
    for each in objection.handlers.select_related("user", "assigned_by__user"):
        yield Entry(
            each.since, str(each.assigned_by.user), _("经办人：{name}").format(name=each.user), each.reason
        )
        if each.until:
            yield Entry(each.until, "", _("{name}不再经办").format(name=each.user))
    if objection.matter_at:
        yield Entry(objection.matter_at, str(objection.matter_by.user), _("请被异议企业答复"))
    for each in objection.hearings.select_related("noted_by__user"):
        what = _("听取{side}意见").format(side=each.get_side_display())
        yield Entry(each.noted_at, str(each.noted_by.user), what, each.way)
    for each in objection.extensions.select_related("asked_by__user", "decided_by__user"):
        what = _("申请延期至{day}").format(day=day_text(each.to_due))
        yield Entry(each.asked_at, str(each.asked_by.user), what, each.reason)
        if each.allowed is False:
            yield Entry(each.decided_at, str(each.decided_by.user), _("不同意延期"))
