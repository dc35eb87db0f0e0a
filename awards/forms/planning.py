"""The form of a plan: as many lines as one likes, and the opinions on plans and reports."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awards.forms.dates import DateInput
from awards.models import GrantPlan, Use
from awards.services.planning import Matter
from portal.forms import ServiceForm

START, STEP, MOST = 6, 3, 40
PARTS = ("use", "matter", "amount", "by_when")
_USES = (("", gettext_lazy("请选择用途")), *Use.choices)


class PlanForm(ServiceForm):
    """Lines of use, matter, amount and day; a line left empty is none. `plan` is what one starts from."""

    def __init__(
        self, data=None, *, plan: GrantPlan | None = None, reasoned: bool = False, more: bool = False
    ):
        lines = list(plan.lines.all()) if plan else []
        self.count = max(START, len(lines) + 2)
        if data is not None:
            self.count = _number(data.get("lines"), self.count) + (STEP if more else 0)
        self.count, self.growing = min(self.count, MOST), more
        super().__init__(data)
        for number in range(self.count):
            line = lines[number] if number < len(lines) else None
            for part, field in _fields(number, line).items():
                self.fields[f"{part}_{number}"] = field
        if reasoned:
            self.fields["reason"] = forms.CharField(
                label=_("调整理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
            )

    def full_clean(self):
        """Who asks for more lines is not yet told what is missing in those there are."""
        if self.growing:
            self._errors, self.cleaned_data = forms.utils.ErrorDict(), {}
        else:
            super().full_clean()

    @property
    def lines(self) -> list[dict]:
        """The bound fields, line by line, for the page."""
        words = (_("用途"), _("事项"), _("金额（元）"), _("计划完成日期"))
        return [
            {"cells": list(zip((self[f"{part}_{number}"] for part in PARTS), words, strict=True))}
            for number in range(self.count)
        ]

    def clean(self):
        cleaned = super().clean()
        matters = []
        for number in range(self.count):
            line = {part: cleaned.pop(f"{part}_{number}", None) for part in PARTS}
            if not any(line.values()) and not any(f"{part}_{number}" in self.errors for part in PARTS):
                continue
            for part, sentence in _WANTED.items():
                if not line[part] and f"{part}_{number}" not in self.errors:
                    self.add_error(f"{part}_{number}", sentence)
            matters.append(line)
        if not self.errors:
            cleaned["matters"] = [Matter(**line) for line in matters]
        return cleaned


_WANTED = {
    "use": gettext_lazy("请选择用途。"),
    "matter": gettext_lazy("请填写事项。"),
    "amount": gettext_lazy("请填写金额。"),
}


def _fields(number: int, line) -> dict[str, forms.Field]:
    nth = _("第 {n} 项").format(n=number + 1)
    shown = {"required": False}
    return {
        "use": forms.ChoiceField(
            label=f"{nth} " + _("用途"), choices=_USES, initial=line and line.use, **shown
        ),
        "matter": forms.CharField(
            label=f"{nth} " + _("事项"), max_length=200, initial=line and line.matter, **shown
        ),
        "amount": forms.DecimalField(
            label=f"{nth} " + _("金额（元）"),
            max_digits=12,
            decimal_places=2,
            initial=line and line.amount,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **shown,
        ),
        "by_when": forms.DateField(
            label=f"{nth} " + _("计划完成日期"), widget=DateInput(), initial=line and line.by_when, **shown
        ),
    }


def _number(text, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else default


class PlanOpinionForm(ServiceForm):
    approved = forms.TypedChoiceField(
        label=gettext_lazy("审核结论"),
        choices=(("yes", gettext_lazy("同意")), ("no", gettext_lazy("退回修改"))),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    opinion = forms.CharField(
        label=gettext_lazy("审核意见"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("退回的，写明需要修改的内容。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AccountForm(ServiceForm):
    account = forms.CharField(
        label=gettext_lazy("资金使用情况和成效"),
        max_length=3000,
        help_text=gettext_lazy("写明做了哪些事、取得什么效果；没有支出的，写明原因和下一步安排。"),
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class ReportOpinionForm(ServiceForm):
    agreed = forms.TypedChoiceField(
        label=gettext_lazy("审核结论"),
        choices=(("yes", gettext_lazy("属实，同意")), ("no", gettext_lazy("退回修改"))),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    opinion = forms.CharField(
        label=gettext_lazy("审核意见"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReportReopenForm(ServiceForm):
    reason = forms.CharField(
        label=gettext_lazy("退回的理由"),
        max_length=500,
        help_text=gettext_lazy("退回后，本季度可以补登收支，由企业修改并重新提交，再逐级审核。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
