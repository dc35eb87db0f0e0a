"""What the office fills in about a poll."""

from urllib.parse import urlencode

from django import forms
from django.utils import timezone
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


class ReasonForm(ServiceForm):
    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        help_text=_("理由和张数随结果一并公布。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SelectionForm(forms.Form):
    """Which ballots: a time window, a network, or both."""

    since = forms.DateTimeField(label=_("投票时间从"), widget=Moment, required=False)
    until = forms.DateTimeField(label=_("到（不含）"), widget=Moment, required=False)
    network = forms.ChoiceField(
        label=_("来源网段"),
        required=False,
        help_text=_("只是线索：一家单位的职工常在同一网段。网段以代号显示，不保存地址。"),
    )

    def __init__(self, *args, networks=(), **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(key, _("网段 {code}：{n} 张").format(code=key[:8], n=n)) for key, n in networks]
        self.fields["network"].choices = [("", _("不限")), *choices]

    def clean(self):
        found = super().clean()
        if not any(found.get(name) for name in ("since", "until", "network")):
            raise forms.ValidationError(_("请至少选定一段时间或一个网段。"))
        return found

    def is_open_ended(self, now) -> bool:
        until = self.cleaned_data["until"]
        return until is None or until > now

    def until_now(self, now) -> str:
        """The same selection as a query, ended at this second."""
        asked = {name: self.data.get(name, "") for name in self.fields}
        return urlencode(asked | {"until": f"{timezone.localtime(now):%Y-%m-%dT%H:%M:%S}"})
