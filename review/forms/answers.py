"""The form under the preview of a departments' workbook."""

from django.utils.translation import gettext as _

from portal.forms import Clash, DiffForm
from portal.roundtrip import WHOLE
from review.models import Opinion
from review.services.opinion_sheets import AnswersDiff

_WORDS = dict(Opinion.Answer.choices)


class AnswersForm(DiffForm):
    def __init__(self, *args, diff: AnswersDiff, **kwargs):
        clashes = [
            Clash(
                row.key,
                WHOLE,
                _("第 {row} 行 {name}，{item}").format(
                    row=row.number, name=row.nomination.subject_name, item=row.question.title_of_item
                ),
                told(row.cells, "now"),
                told(row.cells, "yours"),
            )
            for row in diff.of("conflict")
        ]
        super().__init__(*args, clashes=clashes, digest=diff.digest, **kwargs)


def told(cells, side: str) -> str:
    """The differing cells of one side in a line; a code of an answer by its word."""
    values = {cell.column: getattr(cell, side) for cell in cells}
    words = [str(_WORDS.get(values.pop("answer", ""), ""))]
    labels = {
        "explanation": _("说明：{text}"),
        "since": _("何时起：{text}"),
        "looked_up_on": _("查询日期：{text}"),
    }
    words += [labels[column].format(text=text) for column, text in values.items() if text]
    return _("，").join(word for word in words if word)
