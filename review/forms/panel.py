"""What the office and the experts fill in at the review."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from portal.models import Role, User
from review.models import Recusal
from review.services.panel import Seat


class SeatForm(ServiceForm):
    code = forms.CharField(label=_("专家编号"), max_length=12, help_text=_("例如 E01。"))
    name = forms.CharField(label=_("姓名"), max_length=60)
    user = forms.ModelChoiceField(
        label=_("账户"),
        required=False,
        queryset=User.objects.none(),
        empty_label=_("没有账户"),
        help_text=_("没有账户的专家，由办公室凭纸质评分表导入评分。"),
    )
    employer = forms.CharField(label=_("工作单位"), required=False, max_length=120)
    employer_code = forms.CharField(
        label=_("工作单位信用代码"),
        required=False,
        max_length=18,
        help_text=_("与参评企业相同的，系统不会把该企业分配给这位专家。"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = (
            User.objects.filter(memberships__role=Role.EXPERT, memberships__active=True, is_active=True)
            .distinct()
            .order_by("full_name")
        )

    def clean(self):
        cleaned = super().clean()
        return {"experts": [Seat(**cleaned)]} if not self.errors else cleaned


class RecusalForm(ServiceForm):
    """One reason is all it asks of an expert; the office signs for the paper it holds."""

    kind = forms.ChoiceField(label=_("回避事由"), choices=Recusal.Kind.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("说明"), required=False, max_length=300, help_text=_("选“其他”的必须写明。")
    )
    signature = forms.CharField(label=_("签名"), max_length=60, help_text=_("请写专家的姓名全称。"))

    def __init__(self, *args, expert: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if expert:
            del self.fields["signature"]


class DeclarationForm(ServiceForm):
    signature = forms.CharField(label=_("签名"), max_length=60, help_text=_("请写您的姓名全称。"))
