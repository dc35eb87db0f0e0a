from django import forms
from django.utils.translation import gettext_lazy as _

from awards.forms.dates import DateInput
from portal.forms import ServiceForm
from review.rules import ITEM
from review.services.expiry import EXCLUSIONS


class ChosenField(forms.TypedMultipleChoiceField):
    """The chosen ones, in the order of the list, whatever order they were ticked in."""

    def clean(self, value):
        picked = set(super().clean(value))
        return [pk for pk, _name in self.choices if pk in picked]


class PickForm(forms.Form):
    """Whom the office ticked on the proposal."""

    chosen = ChosenField(coerce=int, required=False)

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(row.nomination_id, row.nomination.subject_name) for row in rows]

    def picked(self) -> list[int]:
        return self.cleaned_data["chosen"] if self.is_valid() else []


class RenameForm(ServiceForm):
    name = forms.CharField(label=_("企业名称"), max_length=120, help_text=_("与营业执照上的名称一致。"))
    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class PublishForm(ServiceForm):
    """What the confirm page asks; a question that does not arise is not asked."""

    chosen = ChosenField(coerce=int, widget=forms.MultipleHiddenInput)
    departs = forms.CharField(
        label=_("未按名次的理由"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    minute = forms.CharField(
        label=_("会议纪要文号"),
        max_length=60,
        required=False,
        help_text=_("名单经委员会会议研究的，写明纪要文号，公告中会引用。"),
    )
    provisional_confirmed = forms.BooleanField(
        label=_("放假安排为暂定，截止日已经核对无误"),
        required=False,
        help_text=_("正式安排公布、工作日历确认以前，不能办理命名。"),
    )

    def __init__(self, *args, rows, preview, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(row.nomination_id, row.nomination.subject_name) for row in rows]
        if not preview.departs:
            del self.fields["departs"]
        else:
            self.fields["departs"].required = self.fields["minute"].required = True
        if not preview.provisional:
            del self.fields["provisional_confirmed"]


class OrderForm(forms.Form):
    """The corrected list, by its numbers: an empty number leaves the enterprise off."""

    def __init__(self, *args, rows, standing, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = rows
        places = {pk: number for number, pk in enumerate(standing, start=1)}
        for row in rows:
            self.fields[f"at_{row.nomination_id}"] = forms.IntegerField(
                label=row.nomination.subject_name,
                min_value=1,
                max_value=999,
                required=False,
                initial=places.get(row.nomination_id),
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def lines(self):
        return [(row, self[f"at_{row.nomination_id}"]) for row in self.rows]

    def clean(self):
        cleaned = super().clean()
        places = {}
        for row in self.rows:
            number = cleaned.get(f"at_{row.nomination_id}")
            if number in places:
                self.add_error(
                    f"at_{row.nomination_id}",
                    _("序号 {number} 已给“{name}”，请改正。").format(number=number, name=places[number]),
                )
            elif number:
                places[number] = row.nomination.subject_name
        if not places and not self.errors:
            raise forms.ValidationError(_("请至少给一家企业填写序号。"))
        return cleaned

    def picked(self) -> list[int]:
        numbers = {row.nomination_id: self.cleaned_data[f"at_{row.nomination_id}"] for row in self.rows}
        return sorted((pk for pk, number in numbers.items() if number), key=numbers.__getitem__)


class CorrectForm(PublishForm):
    """What a correction asks beside; its list keeps the order it was given."""

    chosen = forms.TypedMultipleChoiceField(coerce=int, widget=forms.MultipleHiddenInput)
    reason = forms.CharField(
        label=_("更正理由"),
        max_length=300,
        help_text=_("写明更正什么、为什么，公告中会引用。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ["chosen", "reason"]


class LookForm(ServiceForm):
    """One look-up: whom, for which exclusions, when and where, and what came of it."""

    nominations = forms.TypedMultipleChoiceField(
        label=_("查询的企业"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一家企业。")},
    )
    items = forms.MultipleChoiceField(
        label=_("查询的排除情形"),
        choices=[(code, ITEM[code].title) for code in EXCLUSIONS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一项排除情形。")},
    )
    looked_up_on = forms.DateField(label=_("查询日期"), widget=DateInput())
    source = forms.CharField(
        label=_("查询来源"),
        max_length=160,
        help_text=_("网站、名录，或者出具材料的部门，例如“国家企业信用信息公示系统”。"),
    )
    clear = forms.TypedChoiceField(
        label=_("查询结果"),
        choices=[("yes", _("未发现问题")), ("no", _("发现问题"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
        help_text=_("发现问题的逐家、逐项登记，写明是什么问题。"),
    )
    note = forms.CharField(
        label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    paper = forms.FileField(
        label=_("查询截图或文件"), required=False, help_text=_("PDF、图片、Word 或 Excel，不超过 20 MB。")
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nominations"].choices = choices


class TemplateForm(ServiceForm):
    file = forms.FileField(
        label=_("新的模板"), help_text=_("Word 文档（.docx），不超过 5 MB。上传时先用虚构数据试用一次。")
    )
