"""What the office fills in about a poll."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm


class Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class PollForm(ServiceForm):
    opens = forms.DateTimeField(label=_("投票开始"), widget=Moment, help_text=_("这一刻起受理选票。"))
    closes = forms.DateTimeField(
        label=_("投票截止"), widget=Moment, help_text=_("这一刻起不再受理，以服务器时间为准。")
    )
    closes_itself = forms.BooleanField(
        label=_("到时自动关闭并计票"),
        required=False,
        initial=True,
        help_text=_("不勾选时，到时只停止收票，由办公室核查异常票之后再关闭并计票。"),
    )

    @classmethod
    def of(cls, edition, poll, data=None):
        step = edition.step("voting")
        source = poll or step
        initial = {"opens": source.opens, "closes": source.closes}
        initial["closes_itself"] = poll.closes_itself if poll else True
        return cls(data, initial=initial)


class ConfirmForm(ServiceForm):
    """Nothing to fill in: only the button."""


class PauseForm(ServiceForm):
    note = forms.CharField(
        label=_("公开说明"),
        max_length=300,
        help_text=_("公众在投票页面上会看到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ResumeForm(ServiceForm):
    note = forms.CharField(
        label=_("公开说明"),
        max_length=300,
        required=False,
        help_text=_("写了就继续显示在投票页面上，不写则不再显示。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
