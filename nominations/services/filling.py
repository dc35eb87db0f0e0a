"""Writing answers into a declaration: each cleaned by the form of its category."""

from django.core.exceptions import ValidationError

from nominations.declaration import ENTERPRISE, Shape, Unfit, clean, clean_answers, shape_of
from nominations.declaration.cleaning import is_blank, titled
from nominations.declaration.facts import column
from nominations.declaration.shape import CORE
from nominations.models import Declaration
from portal.errors import Refused

#: What a declaration holds, in the order of the form.
DECLARED = (*CORE[1:], "answers")


def fill(declaration: Declaration, declared: dict) -> None:
    """Set what is given and leave the rest; Refused, naming the field, where an answer is none.

    `answers` is merged key by key into the answers that are there: a blank one takes its key away.
    """
    unknown = set(declared) - set(DECLARED)
    if unknown:
        raise TypeError(f"Not in a declaration: {sorted(unknown)}")
    shape = shape_of(declaration.nomination.edition)
    for key, value in declared.items():
        if key != "answers":
            setattr(declaration, key, _column(shape, key, value))
    if declared.get("answers"):
        declaration.answers = _merged(declaration, shape, declared["answers"])
    try:
        declaration.clean_fields(exclude=["nomination", "saved_by"])
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise Refused(
            "“{title}”填写有误：{problem}",
            title=str(Declaration._meta.get_field(field).verbose_name),
            problem=error.message_dict[field][0],
        ) from error


def _column(shape: Shape, key: str, value):
    # A category may leave a column out of its form; the sheets of the unions fill it all the same.
    field = shape.by_key.get(key) or ENTERPRISE.by_key[key]
    try:
        return column(field, clean(field, value))
    except Unfit as unfit:
        raise titled(field, unfit) from None


def _merged(declaration: Declaration, shape: Shape, answers: dict) -> dict:
    for key in answers:
        if key in CORE:
            raise Refused("申报表里没有“{key}”这一项。", key=key)
    cleaned = clean_answers(shape, answers)
    _check_evidence(declaration, shape, cleaned)
    merged = {**declaration.answers, **cleaned}
    return {key: value for key, value in merged.items() if not is_blank(value)}


def _check_evidence(declaration: Declaration, shape: Shape, cleaned: dict) -> None:
    """A document that proves an answer is one of this nomination's own."""
    named = {}
    for key, value in cleaned.items():
        field = shape.by_key[key]
        columns = [each.key for each in field.columns if each.kind == "evidence"]
        if field.kind == "evidence" and value is not None:
            named[value] = field
        rows = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for row in rows if columns else ():
            named |= {row[each]: field for each in columns if each in row}
    if not named:
        return
    own = set(declaration.nomination.evidence.filter(pk__in=named).values_list("pk", flat=True))
    for pk, field in named.items():
        if pk not in own:
            raise titled(field, Unfit("所选的佐证不属于这一家，请从已上传的佐证中选。"))
