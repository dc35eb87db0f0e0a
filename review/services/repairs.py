"""From 需补正 to the return page: which reasons and which notes the findings ask for."""

from django.utils.translation import gettext as _

from nominations.services.completeness import missing_of
from review import rules
from review.services.cases import CaseRecord

#: Where on the form the enterprise would mend what an item found wanting.
FIELDS = {"union": "union_founded_on", "legal": "independent", "place": "division_name"}
#: The kinds of reasons of `nominations.rules.RETURN_REASONS`.
INCOMPLETE, WRONG, EXCLUDED, OTHER = "incomplete", "wrong", "excluded", "other"
MOST = 300


def return_query(record: CaseRecord) -> list[tuple[str, str]]:
    """What the return page is asked with: `codes`, `note.<field>`, `reason`, from the findings 需补正."""
    codes, notes, words = [], {}, []
    for row in record.to_repair:
        code, field = _code(row.item), FIELDS.get(row.item.code)
        codes.append(code)
        if field:
            notes[f"note.{field}"] = row.found.reason[:MOST]
        elif row.item.code == "complete" and not row.found.by:
            notes |= _missing(record)
        else:
            words.append(f"{row.item.title}：{row.found.reason}")
    query = [("codes", code) for code in dict.fromkeys(codes)]
    query += sorted(notes.items())
    return query + ([("reason", "\n".join(words))] if words else [])


def _missing(record) -> dict[str, str]:
    words = _("请补充。")
    return {f"note.{each.field}": words for each in missing_of(record.nomination)}


def _code(item: rules.Item) -> str:
    if item.code == "complete":
        return INCOMPLETE
    return {rules.CONDITION: WRONG, rules.EXCLUSION: EXCLUDED}.get(item.kind, OTHER)
