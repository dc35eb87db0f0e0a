"""What the office fills in on one enterprise: a finding, and the setting aside of a department's 有问题."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.files import EVIDENCE, MIME
from portal.forms import ServiceForm
from review import rules
from review.forms.days import DayInput
from review.models import Finding

_ACCEPT = ",".join(f".{extension}" for extension in MIME if extension in EVIDENCE)


class WithPaper(ServiceForm):
    """A form that takes the paper it rests on along."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"] = forms.FileField(
            label=_("依据文件"),
            required=False,
            help_text=_("截图、查询结果或文件，每次一份：PDF、图片、Word 或 Excel，不超过 20 MB。"),
            widget=forms.FileInput(attrs={"accept": _ACCEPT}),
        )
        self.fields["file_title"] = forms.CharField(
            label=_("文件名称"), max_length=120, required=False, help_text=_("不填时用文件自己的名字。")
        )


class FindingForm(WithPaper):
    item = forms.ChoiceField(
        label=_("审查项"),
        choices=lambda: [
            (code, f"{each.number} {_(each.title)}（{_(each.sense)}）") for code, each in rules.EVERY.items()
        ],
    )
    verdict = forms.ChoiceField(label=_("结论"), choices=Finding.Verdict.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("理由和依据"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("需补正的，写明要补正什么；退回时会带到退回理由里。"),
    )
    source = forms.CharField(
        label=_("查询途径"),
        max_length=120,
        required=False,
        help_text=_("从哪里查的，如国家企业信用信息公示系统、书面复函。"),
    )
    looked_up_on = forms.DateField(label=_("查询日期"), widget=DayInput())
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def fix(self, code: str) -> None:
        """The page is of one item: it is shown by the page and cannot be changed here."""
        self.fields["item"].widget = forms.HiddenInput()
        self.fields["item"].initial = code

    def clean_seen(self):
        return self.cleaned_data["seen"] if "seen" in self.data else None


class OverruleForm(WithPaper):
    reason = forms.CharField(
        label=_("不采纳的理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明事实、依据和为什么不构成排除情形。复核人、该部门和监督人员都会看到。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class DecideForm(ServiceForm):
    confirmed = forms.TypedChoiceField(
        label=_("复核结果"),
        choices=[("yes", _("同意，不采纳这一意见")), ("no", _("不同意，这一意见仍然有效"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(
        label=_("复核意见"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("不同意的必须写明。"),
    )
