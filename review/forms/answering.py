"""What a department fills in: a list of rows, one row by itself, the rest at once. Also by a link."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from review.forms.days import DayInput
from review.models import Opinion
from review.services.opinions import Reply
from review.services.standing import Cell

EXPLAIN = _("请写明情况：是什么问题、何时发生、依据是什么。")


class OpinionListForm(ServiceForm):
    """One row a question, sent in one go. Rows nobody touched are not sent on."""

    looked_up_on = forms.DateField(label=_("查询日期"), widget=DayInput())

    def __init__(self, *args, cells: list[Cell], names: dict[int, str], today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.cells = {f"{each.nomination}_{each.question.pk}": each for each in cells}
        self.fields["looked_up_on"].initial = today
        for key, cell in self.cells.items():
            self._row(key, cell, names[cell.nomination])

    def _row(self, key: str, cell: Cell, name: str) -> None:
        opinion = cell.opinion
        self.fields[f"answer_{key}"] = forms.ChoiceField(
            choices=Opinion.Answer.choices,
            required=False,
            widget=forms.RadioSelect,
            # What has to be answered anew is not ticked beforehand.
            initial=opinion.answer if opinion and not cell.open else None,
            label=_("{name}的核查结果").format(name=name),
        )
        self.fields[f"explanation_{key}"] = forms.CharField(
            required=False,
            max_length=500,
            initial=opinion.explanation if opinion else "",
            label=_("{name}的说明").format(name=name),
        )
        self.fields[f"since_{key}"] = forms.DateField(
            required=False,
            widget=DayInput(),
            initial=opinion.since if opinion else None,
            label=_("{name}的问题何时起").format(name=name),
        )
        self.fields[f"proof_{key}"] = forms.FileField(
            required=False, label=_("{name}的证明").format(name=name)
        )
        self.fields[f"version_{key}"] = forms.IntegerField(
            required=False, widget=forms.HiddenInput, initial=opinion.version if opinion else 0
        )

    def rows(self):
        for key, cell in self.cells.items():
            yield {
                "cell": cell,
                "key": key,
                "chosen": self[f"answer_{key}"].value(),
                "papers": cell.opinion.proofs.all() if cell.opinion else (),
                **{
                    name: self[f"{name}_{key}"]
                    for name in ("answer", "explanation", "since", "proof", "version")
                },
            }

    def clean(self):
        cleaned = super().clean()
        replies, proofs = [], {}
        for key, cell in self.cells.items():
            pair = (cell.nomination, cell.question.pk)
            if paper := cleaned.get(f"proof_{key}"):
                proofs[pair] = [paper]
            reply = _reply(cleaned, key)
            if reply is None or _unchanged(cell, reply):
                continue
            if reply.answer != Opinion.Answer.CLEAR and not reply.explanation:
                self.add_error(f"explanation_{key}", EXPLAIN)
            replies.append((*pair, reply))
        if not replies and not proofs and not self.errors:
            self.add_error(None, _("没有填写新的答复，请先选择核查结果。"))
        return {"replies": replies, "proofs": proofs}


def _reply(cleaned, key) -> Reply | None:
    answer = cleaned.get(f"answer_{key}")
    if not answer:
        return None
    return Reply(
        answer,
        cleaned.get(f"explanation_{key}") or "",
        cleaned.get("looked_up_on"),
        cleaned.get(f"version_{key}") or 0,
        cleaned.get(f"since_{key}") if answer == Opinion.Answer.PROBLEM else None,
    )


def _unchanged(cell: Cell, reply: Reply) -> bool:
    before = cell.opinion
    return (
        before is not None
        and not cell.open
        and (before.answer, before.explanation, before.since)
        == (reply.answer, reply.explanation, reply.since)
    )


class OpinionRowForm(forms.Form):
    """One row, saved by itself while one goes down the list."""

    nomination = forms.IntegerField()
    question = forms.IntegerField()
    answer = forms.ChoiceField(choices=Opinion.Answer.choices)
    explanation = forms.CharField(required=False, max_length=500)
    since = forms.DateField(required=False)
    looked_up_on = forms.DateField()
    version = forms.IntegerField(required=False)
    proof = forms.FileField(required=False)

    @property
    def pair(self) -> tuple[int, int]:
        return self.cleaned_data["nomination"], self.cleaned_data["question"]

    @property
    def replies(self):
        data = self.cleaned_data
        since = data["since"] if data["answer"] == Opinion.Answer.PROBLEM else None
        reply = Reply(data["answer"], data["explanation"], data["looked_up_on"], data["version"] or 0, since)
        return [(*self.pair, reply)]

    @property
    def proofs(self):
        return {self.pair: [self.cleaned_data["proof"]]} if self.cleaned_data["proof"] else {}


class RestForm(ServiceForm):
    """无异议 for the rest: the named ones are carried along, so that nobody unnamed is answered for."""

    looked_up_on = forms.DateField(label=_("查询日期"), widget=DayInput())
    named = forms.CharField(widget=forms.HiddenInput)

    def clean_named(self):
        try:
            return [int(pk) for pk in self.cleaned_data["named"].split(",")]
        except ValueError:
            raise forms.ValidationError(_("请返回上一页重新打开。")) from None


class FinishForm(ServiceForm):
    """The last page of a link."""

    anyway = forms.BooleanField(label=_("其余不再答复"), required=False)

    def __init__(self, *args, left: int, **kwargs):
        super().__init__(*args, **kwargs)
        if not left:
            del self.fields["anyway"]
