"""What the office fills in to give out the work, and to settle who has to do with whom."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from portal.models import User


class AssignForm(ServiceForm):
    each = forms.IntegerField(
        label=_("每家评审专家数"),
        min_value=0,
        max_value=200,
        help_text=_("填 0：每位专家评全部企业，须回避的除外。"),
    )
    most = forms.IntegerField(
        label=_("每位专家最多评几家"),
        required=False,
        min_value=1,
        max_value=5000,
        help_text=_("不填不限。含已经分配的。"),
    )
    seed = forms.CharField(
        label=_("种子"),
        max_length=64,
        help_text=_("条件相同的专家之间由它决定；同样的种子和名单得出同样的结果。"),
    )


class GiveForm(ServiceForm):
    """One task by hand."""

    member = forms.ModelChoiceField(label=_("专家"), queryset=None, empty_label=_("请选择"))
    nomination = forms.ModelChoiceField(label=_("企业"), queryset=None, empty_label=_("请选择"))

    def __init__(self, *args, members, nominations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = members
        self.fields["member"].label_from_instance = lambda each: f"{each.code} {each.expert.name}"
        self.fields["nomination"].queryset = nominations
        self.fields["nomination"].label_from_instance = lambda each: each.subject_name


class ReasonForm(ServiceForm):
    reason = forms.CharField(label=_("理由"), max_length=300)


class PinForm(ServiceForm):
    conflict = forms.TypedChoiceField(
        label=_("认定"),
        choices=[("yes", _("须回避")), ("no", _("无须回避"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("理由"), max_length=300)


class OfficeRecusalForm(ServiceForm):
    user = forms.ModelChoiceField(label=_("工作人员"), queryset=User.objects.none(), empty_label=_("请选择"))
    reason = forms.CharField(label=_("理由"), max_length=300)

    def __init__(self, *args, colleagues, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(pk__in=[each.pk for each in colleagues])
