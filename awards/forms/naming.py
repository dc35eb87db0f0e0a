from django import forms
from django.utils.translation import gettext_lazy as _

from awards.models import Honour
from portal.forms import ServiceForm

OFFICES = [("", _("请选择")), *Honour.MedalOffice.choices]


class NameForm(ServiceForm):
    """The decision, and for each of the named the person proposed for the medal; all of that may wait."""

    decision = forms.CharField(label=_("命名文号"), max_length=60, help_text=_("公布命名名单的文件编号。"))

    def __init__(self, *args, candidates, medals: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.nominations = [candidate.nomination for candidate in candidates] if medals else []
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
        return [self[name] for name in ("decision",) if name in self.fields]

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


class MedalForm(ServiceForm):
    name = forms.CharField(label=_("姓名"), max_length=60, required=False, help_text=_("留空表示暂无人选。"))
    office = forms.ChoiceField(label=_("人选类别"), choices=OFFICES, required=False)
    position = forms.CharField(label=_("职务"), max_length=60, required=False)


class FlagsForm(ServiceForm):
    model_worker = forms.BooleanField(label=_("同等条件优先推荐市劳模"), required=False)
    to_province = forms.BooleanField(label=_("择优推荐省级"), required=False)


class RevokeForm(ServiceForm):
    reason = forms.CharField(
        label=_("撤销理由"),
        max_length=300,
        help_text=_("在公开名录中显示。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RegistryForm(forms.Form):
    q = forms.CharField(required=False, max_length=60)
    year = forms.IntegerField(required=False)
    level = forms.ChoiceField(choices=[("", ""), *Honour.Level.choices], required=False)
    district = forms.CharField(required=False, max_length=30)
