"""What the office fills in to draw a panel and to answer and replace on the members' behalf."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from review.models import Expert
from review.services.drawing import Criteria


class DrawForm(ServiceForm):
    size = forms.IntegerField(label=_("抽取人数"), min_value=1, max_value=200, initial=7)
    reserves = forms.IntegerField(
        label=_("候补人数"),
        min_value=0,
        max_value=200,
        initial=3,
        help_text=_("有人谢绝或退出时，按抽取次序依次递补邀请。"),
    )
    fields_wanted = forms.MultipleChoiceField(
        label=_("专业领域"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("有其中之一即可；一个都不选，不限领域。"),
    )
    most = forms.IntegerField(
        label=_("同一年度最多担任几届"),
        required=False,
        min_value=1,
        max_value=99,
        help_text=_("不填不限。本年度已达此数的专家不参加抽取。"),
    )
    rotate = forms.BooleanField(label=_("轮换：上一届担任过的，本届不抽"), required=False)
    seed = forms.CharField(
        label=_("种子"),
        max_length=64,
        help_text=_(
            "抽取前公布。宜取事先无人能够预知、事后人人可以查证的一串字，例如约定某日公开发布的数字。"
        ),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = {
            word
            for each in Expert.objects.filter(active=True).values_list("fields", flat=True)
            for word in each
        }
        if words:
            self.fields["fields_wanted"].choices = [(word, word) for word in sorted(words)]
        else:
            del self.fields["fields_wanted"]

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        criteria = Criteria(
            size=data["size"],
            reserves=data["reserves"],
            fields=tuple(data.get("fields_wanted", ())),
            most=data["most"],
            rotate=data["rotate"],
        )
        return {"criteria": criteria, "seed": data["seed"].strip(), "shown": data["shown"]}


class AnswerForm(ServiceForm):
    """What a member said on the phone."""

    accept = forms.TypedChoiceField(
        label=_("专家的答复"),
        choices=[("yes", _("接受")), ("no", _("谢绝"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("理由"), required=False, max_length=300, help_text=_("谢绝的必须写明。"))


class LeavingForm(ServiceForm):
    reason = forms.CharField(label=_("替换的理由"), max_length=300)
