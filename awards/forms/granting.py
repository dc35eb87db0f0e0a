from django import forms
from django.utils.translation import gettext_lazy as _

from awards.models import Expense
from nominations.forms.evidence import FilesField, SeveralFiles
from portal.forms import ServiceForm


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


def _amount():
    return forms.DecimalField(
        label=_("金额（元）"),
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class DisburseForm(ServiceForm):
    amount = _amount()
    paid_on = forms.DateField(label=_("拨付日期"), widget=Day())
    receipt = forms.CharField(label=_("回执号"), max_length=60)
    receipt_file = forms.FileField(
        label=_("回执"), help_text=_("银行回单的扫描件，PDF 或图片，不超过 20 MB。")
    )


class ExpenseForm(ServiceForm):
    use = forms.ChoiceField(label=_("用途"), choices=Expense.Use.choices, widget=forms.RadioSelect)
    matter = forms.CharField(label=_("事项"), max_length=120)
    explanation = forms.CharField(
        label=_("说明"), max_length=300, required=False, help_text=_("用途为“其他”的，写明具体用途。")
    )
    amount = _amount()
    spent_on = forms.DateField(label=_("支出日期"), widget=Day())
    voucher = forms.CharField(label=_("凭证号"), max_length=60)
    papers = FilesField(
        widget=SeveralFiles(attrs={"multiple": True}),
        label=_("凭证"),
        help_text=_("发票、合同或签收单的扫描件，可以选多份；PDF 或图片，每份不超过 20 MB。"),
    )


class ReverseForm(ServiceForm):
    reason = forms.CharField(label=_("冲销理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
