"""What an expert fills in: an answer to the invitation, the sheet; and what the office says to reopen one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused
from portal.figures import decimal_text
from portal.forms import ServiceForm
from review.services.sheets import COMMENT_MOST, REMARK_MOST


class SheetForm(ServiceForm):
    """Points and remarks by dimension as they were typed; the service says what is wrong with them.

    A field that was not sent is not touched: a page may keep back what is not a number yet.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("总评语"),
        required=False,
        max_length=COMMENT_MOST,
        widget=forms.Textarea(attrs={"rows": 2, "data-kept": ""}),
    )
    refusal: Refused | None = None

    def __init__(self, *args, dimensions, sheet, **kwargs):
        super().__init__(*args, **kwargs)
        standing = values_of(sheet, dimensions)
        self.initial = {"version": sheet.version if sheet else 0, **standing}
        self.dimensions = dimensions
        for each in dimensions:
            self.fields[f"points_{each.code}"] = forms.CharField(
                label=each.name,
                required=False,
                max_length=8,
                widget=forms.TextInput(
                    attrs={
                        "inputmode": "decimal",
                        "autocomplete": "off",
                        "data-points": "",
                        "data-kept": "",
                        "data-weight": f"{each.weight:f}",
                    }
                ),
            )
            self.fields[f"remark_{each.code}"] = forms.CharField(
                label=_("这一项的评语"),
                required=False,
                max_length=REMARK_MOST,
                widget=forms.Textarea(attrs={"rows": 1, "data-remark": "", "data-kept": ""}),
            )

    def lines(self):
        return [(each, self[f"points_{each.code}"], self[f"remark_{each.code}"]) for each in self.dimensions]

    def refuse(self, refusal):
        self.refusal = refusal
        super().refuse(refusal)

    def clean(self):
        cleaned = super().clean()
        given = {"scores": {}, "remarks": {}, "version": cleaned.get("version")}
        for each in self.dimensions:
            if f"points_{each.code}" in self.data:
                given["scores"][each.code] = cleaned.get(f"points_{each.code}") or None
            if f"remark_{each.code}" in self.data:
                given["remarks"][each.code] = cleaned.get(f"remark_{each.code}", "")
        given["comment"] = cleaned.get("comment", "") if "comment" in self.data else None
        return given


def values_of(sheet, dimensions) -> dict[str, str]:
    """What a sheet says, by the names of the form's fields; None is a sheet nothing was written on."""
    points = {each.dimension_id: decimal_text(each.points) for each in sheet.scores.all()} if sheet else {}
    values = {}
    for each in dimensions:
        values[f"points_{each.code}"] = points.get(each.pk, "")
        values[f"remark_{each.code}"] = sheet.remarks.get(each.code, "") if sheet else ""
    return values | {"comment": sheet.comment if sheet else ""}


class ReopenForm(ServiceForm):
    reason = forms.CharField(
        label=_("理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("这位专家会看到这段话，例如：第二项的得分与评语不一致，请核对。"),
    )


class DiscussionForm(ServiceForm):
    ends_at = forms.DateTimeField(
        label=_("截止时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("到时没有重新提交的，按讨论前的评分计。"),
    )


class InvitationForm(ServiceForm):
    answer = forms.ChoiceField(
        label=_("您的答复"),
        choices=[("accept", _("接受邀请")), ("decline", _("谢绝邀请"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("谢绝的理由"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("谢绝的请写明理由；接受的不用填。"),
    )

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        return {"accept": cleaned["answer"] == "accept", "reason": cleaned["reason"]}
