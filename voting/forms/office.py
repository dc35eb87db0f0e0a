"""What the office fills in about a poll."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from voting.models import Effort


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
    area = forms.CharField(
        label=_("参评地区"),
        max_length=40,
        required=False,
        help_text=_("如：青岛市。预警用它提示外地号码的比例，不限制外地号码投票；不填就不提示。"),
    )
    appeal_days = forms.IntegerField(
        label=_("查询期（天）"),
        min_value=1,
        max_value=365,
        initial=30,
        help_text=_(
            "截止后多少天内，投票人可以凭手机号码查询有没有人用这个号码投过票；过后由办公室销毁密钥。"
        ),
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    effort = forms.ChoiceField(
        label=_("防刷强度"),
        choices=Effort.choices,
        initial=Effort.NORMAL,
        widget=forms.RadioSelect,
        help_text=_("获取验证码和投票之前，手机要先算一道题。通常用“常规”，投票期间可以调整。"),
    )

    KEPT = ("opens", "closes", "closes_itself", "area", "appeal_days", "effort")

    @classmethod
    def of(cls, edition, poll, data=None):
        """What was set up before; the days of the step where nothing was."""
        if poll:
            return cls(data, initial={name: getattr(poll, name) for name in cls.KEPT})
        step = edition.step("voting")
        return cls(data, initial={"opens": step.opens, "closes": step.closes})


class ConfirmForm(ServiceForm):
    """Nothing to fill in: only the button."""
