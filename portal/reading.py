"""An entry of the record in words."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from portal.acts import act_word
from portal.errors import N_
from portal.models import AuditEntry, Role
from portal.templatetags.portal import STATES

EMPTY = ("", None, [], {})
LABELS = {
    "before": N_("原来"),
    "after": N_("现在"),
    "note": N_("说明"),
    "reason": N_("理由"),
    "changed": N_("改动"),
    "rules": N_("规则"),
    "digest": N_("摘要"),
    "step": N_("环节"),
    "organisation": N_("单位"),
    "count": N_("数量"),
    "minute": N_("会议纪要文号"),
    "seq": N_("核对到第几条"),
    "hash": N_("链首摘要"),
    "broken": N_("不一致之处"),
    "organisations": N_("单位"),
    "categories": N_("类别"),
    "calendar_years": N_("工作日历年份"),
}


@dataclass(frozen=True)
class RecordLine:
    pk: int
    seq: int | None
    at: datetime
    what: str
    who: str
    where: str
    subject: str
    edition: str
    details: list[tuple[str, str]]


def line_of(entry: AuditEntry, titles: dict[int, str]) -> RecordLine:
    """`titles` are the editions the reader may see, by pk."""
    link = getattr(entry, "link", None)
    role = dict(Role.choices).get(entry.role, entry.role)
    return RecordLine(
        pk=entry.pk,
        seq=link.seq if link else None,
        at=entry.at,
        what=act_word(entry.act),
        who=entry.actor_name,
        where=" · ".join(str(part) for part in (entry.organisation_name, role) if part),
        subject=entry.subject_label,
        edition=titles.get(entry.edition_id, ""),
        details=[(_label(key), _value(value)) for key, value in entry.detail.items() if value not in EMPTY],
    )


def _label(key: str) -> str:
    return _(LABELS[key]) if key in LABELS else key


def _value(value) -> str:
    if isinstance(value, str):
        return _(STATES[value][0]) if value in STATES else value
    return json.dumps(value, ensure_ascii=False)
