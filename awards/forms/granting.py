from django import forms
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from awards.models import PlanLine, Use
from nominations.forms.evidence import FilesField, SeveralFiles
from portal.forms import ServiceForm


def _amount():
    return forms.DecimalField(
        label=_("金额（元）"),
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


def _words(label):
    return forms.CharField(label=label, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class DisburseForm(ServiceForm):
    amount = _amount()
    paid_on = forms.DateField(label=_("拨付日期"), widget=DateInput())
    receipt = forms.CharField(label=_("回执号"), max_length=60)
    receipt_file = forms.FileField(label=_("回执"), help_text=_("银行回单，PDF 或图片，不超过 20 MB。"))


class ExpenseForm(ServiceForm):
    """`plan` is the plan that holds, where there is one: an expense may be of one of its matters."""

    use = forms.ChoiceField(label=_("用途"), choices=Use.choices, widget=forms.RadioSelect)
    plan_line = forms.ModelChoiceField(
        label=_("计划事项"),
        queryset=PlanLine.objects.none(),
        required=False,
        empty_label=_("不在计划之内"),
        help_text=_("属于使用计划中某一项的，请选择；用途须与该项一致。"),
    )
    matter = forms.CharField(label=_("事项"), max_length=120)
    explanation = forms.CharField(
        label=_("说明"), max_length=300, required=False, help_text=_("用途为“其他”的，写明具体用途。")
    )
    amount = _amount()
    spent_on = forms.DateField(label=_("支出日期"), widget=DateInput())
    voucher = forms.CharField(label=_("凭证号"), max_length=60)
    papers = FilesField(
        label=_("凭证"),
        widget=SeveralFiles(attrs={"multiple": True}),
        help_text=_("发票、合同或签收单的扫描件，可以选多份；PDF 或图片，每份不超过 20 MB。"),
    )

    def __init__(self, *args, plan=None, **kwargs):
        super().__init__(*args, **kwargs)
        if plan is None:
            del self.fields["plan_line"]
        else:
            self.fields["plan_line"].queryset = plan.lines.all()
            self.fields["plan_line"].label_from_instance = lambda line: (
                f"{line.matter}（{line.get_use_display()}）"
            )


class RepayForm(ServiceForm):
    amount = _amount()
    paid_on = forms.DateField(label=_("退回日期"), widget=DateInput())
    receipt = forms.CharField(label=_("收据号"), max_length=60)
    receipt_file = forms.FileField(label=_("收据"), help_text=_("银行回单或收据，PDF 或图片，不超过 20 MB。"))
    reason = _words(_("退回原因"))


class ReverseForm(ServiceForm):
    reason = _words(_("更正理由"))


class CloseForm(ServiceForm):
    reason = _words(_("结清说明"))
