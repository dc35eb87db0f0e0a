"""The office's forms for what a visit found: disposing of it, sending it back, settling that, going again."""

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from awards.models import Inspection, Referral
from awards.services import disposing
from portal.forms import ServiceForm
from review.services.referrals import askable, default_due


def _reason(most: int, **field) -> forms.CharField:
    return forms.CharField(max_length=most, widget=forms.Textarea(attrs={"rows": 4}), **field)


class DisposeForm(ServiceForm):
    disposition = forms.ChoiceField(
        label=_("如何处理"),
        choices=[(each.value, each.label) for each in disposing.HERE],
        widget=forms.RadioSelect,
        help_text=_("不予通过的，在此止步，理由告知推荐单位，不能撤回。"),
    )
    reason = _reason(500, label=_("理由和依据"), help_text=_("写明差异是什么、为什么这样处理。"))

    def __init__(self, *args, visit: Inspection, **kwargs):
        super().__init__(*args, **kwargs)
        if visit.verdict == Inspection.Verdict.FAILED:
            ended = Inspection.Disposition.ENDED
            self.fields["disposition"].choices = [(ended.value, ended.label)]
            self.initial.setdefault("disposition", ended.value)


class ReferForm(ServiceForm):
    """Which differences, which items the departments look at again, why, and by when."""

    lines = forms.MultipleChoiceField(
        label=_("涉及的差异"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    items = forms.MultipleChoiceField(
        label=_("请部门重新核查的事项"),
        widget=forms.CheckboxSelectMultiple,
        choices=(),
        help_text=_("只列出本届征求意见的核查项；送给负责该项的部门。"),
    )
    reason = _reason(
        500, label=_("理由"), help_text=_("写明考察发现了什么、涉及哪一项推荐条件。部门答复时会看到。")
    )
    due_on = forms.DateField(label=_("答复期限"), widget=DateInput())

    def __init__(self, *args, visit: Inspection, now, **kwargs):
        super().__init__(*args, **kwargs)
        differing = visit.lines.filter(agrees=False)
        self.fields["lines"].choices = [
            (line.key, f"{_t(line.item)}：{line.difference or line.found}") for line in differing
        ]
        if not self.fields["lines"].choices:
            del self.fields["lines"]
        self.fields["items"].choices = [
            (code, _t("{item}（{departments}）").format(item=_t(title), departments=_t("、").join(names)))
            for code, title, names in askable(visit.nomination.edition)
        ]
        self.initial.setdefault("due_on", default_due(today=localdate(now)))


class SettleForm(ServiceForm):
    outcome = forms.ChoiceField(
        label=_("结论"),
        choices=Referral.Outcome.choices,
        widget=forms.RadioSelect,
        help_text=_("复审合格的回到差额考察，保留原考察记录；不合格的在此止步。结论只作一次，不能撤回。"),
    )
    reason = _reason(500, label=_("理由和依据"), help_text=_("告知转出人和推荐单位。"))


class ReopenForm(ServiceForm):
    reason = _reason(300, label=_("重新考察的理由"), help_text=_("考察组会看到。"))
