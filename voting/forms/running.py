"""What the office fills in while a poll runs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from voting.models import Effort

#: What is usually the matter, in words for the public.
PAUSE_NOTES = (
    _("系统检修，暂停收票。此前收到的选票有效，恢复时间在本页公布。"),
    _("发现异常投票，正在核查，暂停收票。此前收到的选票有效，核查情况另行公布。"),
    _("短信验证码发送有故障，暂停收票。此前收到的选票有效，恢复时间在本页公布。"),
)


class PauseForm(ServiceForm):
    usual = forms.ChoiceField(
        label=_("常用说明"),
        required=False,
        choices=[*((str(n), note) for n, note in enumerate(PAUSE_NOTES)), ("", _("自己写"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("公开说明"),
        max_length=300,
        required=False,
        help_text=_("选了常用说明的不必再写；写了，以写的为准。公众在投票页面上会看到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self):
        found = super().clean()
        usual, note = found.pop("usual", ""), found.get("note", "")
        found["note"] = note or (str(PAUSE_NOTES[int(usual)]) if usual else "")
        if not found["note"]:
            self.add_error("note", _("请选一条常用说明，或者自己写。"))
        return found


class ResumeForm(ServiceForm):
    note = forms.CharField(
        label=_("公开说明"),
        max_length=300,
        required=False,
        help_text=_("留着或改写的，继续显示在投票页面上；清空的，不再显示。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EffortForm(ServiceForm):
    """`meanings`: of each effort, what it means for a telephone."""

    effort = forms.ChoiceField(label=_("防刷强度"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("调整理由"),
        max_length=300,
        help_text=_("记入留痕记录，不对公众显示。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, meanings: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        labels = dict(Effort.choices)
        colon = _("：")
        self.fields["effort"].choices = [
            (value, f"{labels[value]}{colon}{meaning}") for value, meaning in meanings.items()
        ]
