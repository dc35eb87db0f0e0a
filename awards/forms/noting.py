"""What a team notes beside the checklist, and what the office adds to it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from awards.models import Interview
from portal.forms import ServiceForm


class DocumentForm(ServiceForm):
    """A document seen. `client_id` makes one sent twice one."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("材料名称"), max_length=160, help_text=_("例如：职代会会议记录、奖励制度文件。")
    )
    number = forms.CharField(label=_("文号或编号"), required=False, max_length=80)
    issuer = forms.CharField(label=_("出具单位"), required=False, max_length=120)
    original = forms.BooleanField(label=_("看到原件"), required=False, initial=True)
    line = forms.ChoiceField(label=_("对应核对项"), required=False)
    note = forms.CharField(
        label=_("说明"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, visit, **kwargs):
        super().__init__(*args, auto_id="document_%s", **kwargs)
        self.fields["line"].choices = lines_of(visit)


class InterviewForm(ServiceForm):
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("姓名"), max_length=60)
    post = forms.CharField(label=_("岗位或职务"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("身份"), choices=Interview.Kind.choices, initial=Interview.Kind.WORKER)
    words = forms.CharField(label=_("谈话要点"), max_length=3000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args, visit, **kwargs):
        super().__init__(*args, auto_id="interview_%s", **kwargs)


class VoidForm(ServiceForm):
    reason = forms.CharField(label=_("作废原因"), max_length=200)


class LineForm(ServiceForm):
    """A line the office adds."""

    item = forms.CharField(label=_("核对事项"), max_length=160)
    claimed = forms.CharField(
        label=_("申报情况"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("企业在申报材料里是怎么写的；没有写的不填。"),
    )


def lines_of(visit) -> list[tuple[str, str]]:
    """The lines of a visit as choices, none of them first."""
    return [("", _("不对应某一项")), *((line.key, _(line.item)) for line in visit.lines.all())]
