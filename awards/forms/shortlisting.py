from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.figures import exact_text
from portal.forms import ServiceForm

_UNCHANGED = ("", _("不改变"))


class WhatIfForm(forms.Form):
    """What to suppose; all of it in the address, so that it can be handed on and nothing is sent."""

    expert = forms.DecimalField(
        label=_("专家权重"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        help_text=_("投票权重为 100 减去专家权重。"),
    )
    ratio = forms.DecimalField(
        label=_("考察数与名额之比"),
        min_value=Decimal(1),
        max_value=Decimal(10),
        max_digits=4,
        decimal_places=2,
        help_text=_("如 1.2，即 1∶1.2。"),
    )
    case = forms.ChoiceField(label=_("异常票处置案"), required=False)

    def __init__(self, *args, board, approved=(), declined=(), **kwargs):
        """`board` is the drawn list: what its edition leaves out is not asked."""
        super().__init__(*args, **kwargs)
        self.fields["expert"].initial = exact_text(board.rules.expert_weight)
        self.fields["ratio"].initial = exact_text(board.rules.ratio)
        if not (board.reviewed and board.voted):
            del self.fields["expert"]
        if not board.inspected:
            del self.fields["ratio"]
        self.cases = {f"without-{case.pk}": {"without": case} for case in approved}
        self.cases |= {f"with-{case.pk}": {"with_": case} for case in declined}
        if not self.cases:
            del self.fields["case"]
            return
        self.fields["case"].choices = [
            _UNCHANGED,
            *((f"without-{case.pk}", _without(case)) for case in approved),
            *((f"with-{case.pk}", _with(case)) for case in declined),
        ]

    def asked(self) -> dict:
        """What `whatif.of` is asked."""
        expert, ratio = self.cleaned_data.get("expert"), self.cleaned_data.get("ratio")
        asked = dict(self.cases.get(self.cleaned_data.get("case", ""), {}))
        if expert is not None:
            asked["weights"] = (expert, 100 - expert)
        return asked if ratio is None else {**asked, "ratio": ratio}


def _without(case):
    return _("第 {number} 号案（{kind}，已同意）：假如没有办理").format(
        number=case.number, kind=case.get_kind_display()
    )


def _with(case):
    return _("第 {number} 号案（{kind}，未同意）：假如同意了").format(
        number=case.number, kind=case.get_kind_display()
    )


class WhyForm(forms.Form):
    """Any two of the list; the first is taken for both where nothing is asked."""

    a = forms.TypedChoiceField(label=_("一家"), coerce=int)
    b = forms.TypedChoiceField(label=_("另一家"), coerce=int)

    def __init__(self, *args, lines, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [
            (line.row.nomination_id, f"{line.row.rank}  {line.row.nomination.subject_name}") for line in lines
        ]
        self.fields["a"].choices = self.fields["b"].choices = choices

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("a") is not None and cleaned.get("a") == cleaned.get("b"):
            raise ValidationError(_("两处选了同一家，请另选一家比较。"))
        return cleaned


class ResultFileForm(ServiceForm):
    file = forms.FileField(
        label=_("结果文件"),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("从“下载结果文件”得到的 result.json。文件只用于这一次计算，不保存。"),
    )


class TopUpForm(ServiceForm):
    """Who was shown as next comes back with the answer: who confirms sees what is done."""

    chosen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=_("递补理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写明谁因为什么退出、为什么递补。理由写入留痕记录。"),
    )
    minute = forms.CharField(label=_("会议纪要文号"), max_length=60, required=False)

    def show(self, rows) -> None:
        """From now on these are the ones who are confirmed, also after a refusal because others were."""
        chosen = ",".join(str(row.nomination_id) for row in rows)
        self.initial["chosen"] = chosen
        if self.is_bound:
            self.data = self.data.copy()
            self.data["chosen"] = chosen

    def clean_chosen(self):
        return [int(each) for each in self.cleaned_data["chosen"].split(",") if each.isdecimal()]
