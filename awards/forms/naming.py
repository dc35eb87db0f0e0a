from django import forms
from django.utils.translation import gettext_lazy as _

from awards.models import Honour
from portal.forms import ServiceForm

OFFICES = [("", _("请选择")), *Honour.MedalOffice.choices]


class ChooseForm(forms.Form):
    """Which of those who can be named; all of them where nothing is said."""

    chosen = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        self.able = [candidate.nomination for candidate in candidates]
        self.fields["chosen"].choices = [(each.pk, each.subject_name) for each in self.able]

    def picked(self) -> list[int]:
        chosen = self.cleaned_data["chosen"] if self.is_valid() else []
        return chosen or [each.pk for each in self.able]


class NameForm(ServiceForm):
    """The decision, and for each of the named the person proposed for the medal; that may wait."""

    decision = forms.CharField(label=_("命名文号"), max_length=60, help_text=_("公布命名名单的文件编号。"))
    minute = forms.CharField(label=_("会议纪要文号"), max_length=60, required=False)
    left_reason = forms.CharField(
        label=_("暂不命名的理由"), max_length=300, help_text=_("公示期已满、这次没有列入的企业。")
    )
    chosen = forms.TypedMultipleChoiceField(coerce=int, widget=forms.MultipleHiddenInput)

    def __init__(self, *args, candidates, medals: bool, leaves: bool, **kwargs):
        super().__init__(*args, **kwargs)
        named = [candidate.nomination for candidate in candidates]
        self.fields["chosen"].choices = [(each.pk, each.subject_name) for each in named]
        self.nominations = named if medals else []
        if not leaves:
            del self.fields["left_reason"]
        for nomination in self.nominations:
            for name, field in _medal_fields().items():
                self.fields[f"{name}_{nomination.pk}"] = field

    def lines(self):
        """Each of the named with its three fields, for the page."""
        return [
            (nomination, [self[f"{name}_{nomination.pk}"] for name in _medal_fields()])
            for nomination in self.nominations
        ]

    def plain(self):
        return [self[name] for name in ("decision", "minute", "left_reason") if name in self.fields]

    def clean(self):
        cleaned = super().clean()
        medals = {}
        for nomination in self.nominations:
            person = tuple(cleaned.pop(f"{name}_{nomination.pk}", "") for name in _medal_fields())
            if person[0]:
                medals[nomination.pk] = person
            elif person[2]:
                self.add_error(f"name_{nomination.pk}", _("填写了职务，但没有填写姓名。"))
        return {**cleaned, "medals": medals}


def _medal_fields():
    return {
        "name": forms.CharField(label=_("姓名"), max_length=60, required=False),
        "office": forms.ChoiceField(label=_("人选类别"), choices=OFFICES, required=False),
        "position": forms.CharField(label=_("职务"), max_length=60, required=False),
    }


class ClosePublicityForm(ServiceForm):
    reason = forms.CharField(
        label=_("不再递补的理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
