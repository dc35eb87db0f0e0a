"""Which ballots are meant, why, and what the second person says to it."""

from urllib.parse import urlencode

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from voting.forms.office import Moment
from voting.models import Case, Home, Quarantine
from voting.services.selecting import Criteria

ANY = [("", _("不限"))]
NAMES = {"network": _("网段"), "address": _("地址"), "device": _("设备")}


class SelectionForm(forms.Form):
    """Conditions; all that are given must hold. `crowded` is pairs (keyed name, ballots) by field.

    By candidate and by choice only where `candidates` are given: the number found is their total.
    """

    kind = forms.ChoiceField(
        label=_("要办的事"),
        choices=[
            (Quarantine.Kind.SET_ASIDE, _("隔离有效的选票")),
            (Quarantine.Kind.RESTORE, _("恢复已隔离的选票")),
        ],
        initial=Quarantine.Kind.SET_ASIDE,
        widget=forms.RadioSelect,
    )
    since = forms.DateTimeField(label=_("投票时间从"), widget=Moment, required=False)
    until = forms.DateTimeField(label=_("到（不含）"), widget=Moment, required=False)
    network = forms.ChoiceField(
        label=_("来源网段"),
        required=False,
        help_text=_("只是线索：一家单位的职工常在同一网段。网段、地址和设备以代号显示，不保存原样。"),
    )
    address = forms.ChoiceField(label=_("来源地址"), required=False)
    device = forms.ChoiceField(label=_("设备"), required=False)
    home = forms.ChoiceField(label=_("号码归属"), required=False, choices=[*ANY, *Home.choices])
    dwell = forms.IntegerField(
        label=_("停留时间短于（秒）"),
        required=False,
        min_value=1,
        max_value=32767,
        help_text=_("从打开页面到提交选票。没有记录停留时间的选票不在其内。"),
    )
    candidate = forms.TypedChoiceField(label=_("选了这一家"), required=False, coerce=int, empty_value=None)
    picks = forms.TypedMultipleChoiceField(
        label=_("所选正好是这几家"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, crowded=None, candidates=(), **kwargs):
        super().__init__(*args, **kwargs)
        if self.is_bound and not self.data.get("kind"):
            # Links from elsewhere name only the ballots.
            self.data = self.data.copy()
            self.data["kind"] = Quarantine.Kind.SET_ASIDE
        for field, name in NAMES.items():
            self.fields[field].choices = [*ANY, *self._keyed(field, name, (crowded or {}).get(field, ()))]
        if candidates:
            named = [(each.number, f"{each.number} {each.nomination.subject_name}") for each in candidates]
            self.fields["candidate"].choices = [*ANY, *named]
            self.fields["picks"].choices = named
        else:
            del self.fields["candidate"], self.fields["picks"]

    def _keyed(self, field, name, known):
        found = dict(known)
        asked = self.data.get(field, "")
        if asked and asked not in found and len(asked) <= 64:
            found[asked] = None  # an alarm's page leads here with a name that is not among the most crowded
        for key, number in found.items():
            words = _("{name} {code}：{n} 张") if number else _("{name} {code}")
            yield key, words.format(name=name, code=key[:8], n=number)

    def clean(self):
        found = super().clean()
        if not self.errors and not any(value for name, value in found.items() if name != "kind"):
            raise forms.ValidationError(_("请至少填写一个条件。"))
        since, until = found.get("since"), found.get("until")
        if since and until and since >= until:
            self.add_error("until", _("“到”应晚于“从”，请改正。"))
        return found

    def criteria(self) -> Criteria:
        return Criteria(**self.cleaned_data | {"picks": tuple(self.cleaned_data.get("picks", ()))})

    def is_open_ended(self, now) -> bool:
        until = self.cleaned_data["until"]
        return until is None or until > now

    def until_now(self, now) -> str:
        """The same selection as a query, ended at this second."""
        asked = [(name, value) for name in self.fields if name != "until" for value in self._typed(name)]
        return urlencode([*asked, ("until", f"{timezone.localtime(now):%Y-%m-%dT%H:%M:%S}")])

    def _typed(self, name):
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data.get(name, "")]
        return [value for value in values if value]


class ReasonForm(ServiceForm):
    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        help_text=_("理由和张数随结果一并公布。请勿写明企业名称或个人信息。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ProposeForm(ReasonForm):
    grounds = forms.ChoiceField(
        label=_("类别"), choices=Case.Grounds.choices, help_text=_("按类别公布隔离的张数。")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ["grounds", "reason", "seen"]


class DecideForm(ServiceForm):
    """The button pressed says which: `approved` is its value."""

    approved = forms.TypedChoiceField(
        choices=[("yes", _("同意")), ("no", _("不同意"))],
        coerce=lambda value: value == "yes",
        widget=forms.HiddenInput,
    )
    note = forms.CharField(
        label=_("决定说明"),
        max_length=300,
        required=False,
        help_text=_("不同意的，请写明理由。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
