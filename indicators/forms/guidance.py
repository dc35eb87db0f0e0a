from django import forms
from django.utils.translation import gettext_lazy as _

from indicators.services.guidance import Agreed
from portal.forms import ServiceForm

ROWS = 5


def _day(label, **more):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


class PlanForm(ServiceForm):
    planned_on = _day(_("计划日期"))
    purpose = forms.CharField(label=_("事由"), max_length=200)


class RecordForm(ServiceForm):
    """What was seen and found, and up to five matters that were agreed."""

    visited_on = _day(_("指导日期"))
    people = forms.CharField(label=_("指导人员"), max_length=200)
    looked_at = forms.CharField(
        label=_("查看情况"), max_length=3000, widget=forms.Textarea(attrs={"rows": 5})
    )
    found = forms.CharField(
        label=_("发现的问题"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("没有发现问题的可以不填。"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for n in range(1, ROWS + 1):
            self.fields[f"matter_{n}"] = forms.CharField(
                label=_("商定事项 {n}").format(n=n), max_length=300, required=False
            )
            self.fields[f"due_{n}"] = _day(_("事项 {n} 的完成期限").format(n=n), required=False)

    @property
    def plain(self):
        return [self[name] for name in ("visited_on", "people", "looked_at", "found")]

    @property
    def matters(self):
        return [(self[f"matter_{n}"], self[f"due_{n}"]) for n in range(1, ROWS + 1)]

    def clean(self):
        data = super().clean()
        agreed = []
        for n in range(1, ROWS + 1):
            matter, due = data.pop(f"matter_{n}", ""), data.pop(f"due_{n}", None)
            if matter and not due and f"due_{n}" not in self.errors:
                self.add_error(f"due_{n}", _("请填写这一事项的完成期限。"))
            elif due and not matter:
                self.add_error(f"matter_{n}", _("填了期限，请写明是什么事项。"))
            elif matter and due:
                agreed.append(Agreed(matter, due))
        return data | {"agreed": agreed}


class CancelForm(ServiceForm):
    reason = forms.CharField(label=_("取消理由"), max_length=300)


class SettleForm(ServiceForm):
    done_on = _day(_("完成日期"))
    outcome = forms.CharField(label=_("完成情况"), max_length=500)
