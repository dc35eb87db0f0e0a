from django import forms
from django.utils.translation import gettext as _

from nominations import rules
from nominations.forms.sections import InSections
from nominations.models import Declaration, Edition
from nominations.services.declaring import DECLARED, REQUIRED
from nominations.services.windows import recommenders
from portal.errors import N_, Refused
from portal.forms import ServiceForm
from portal.models import Membership, Role
from portal.speech import said

_PLAIN = ("industry", "division_name", "contact_name", "contact_phone", "note")


class DeclarationForm(InSections, ServiceForm):
    """What an enterprise declares. The name alone is enough to save; handing it in asks for the rest."""

    SECTIONS = (
        ("who", N_("企业"), ("recommender", "credit_code", "name", "division_name", "nature", "independent")),
        ("trade", N_("行业与认定"), ("industry", "key_industry", "recognitions")),
        (
            "staff",
            N_("职工与工会"),
            ("employees", "union_founded_on", "union_members", "frontline_share"),
        ),
        ("deeds", N_("主要事迹"), ("deeds", "note")),
        ("contact", N_("联系人"), ("contact_name", "contact_phone")),
    )
    UNITS = {"employees": N_("人"), "union_members": N_("人"), "frontline_share": "%"}
    CLAUSES = {
        "nature": "S1 四.1",
        "independent": "S1 四.1",
        "union_founded_on": "S1 四.1",
        "key_industry": "S1 四.2",
        "recognitions": "S1 四.2",
    }
    MOST = {"deeds": 2000}

    def __init__(self, *args, declaration: Declaration | None = None, **kwargs):
        self.declaration = declaration
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("企业名称"),
            max_length=120,
            help_text=_("与营业执照上的名称一致。"),
            initial=declaration.nomination.subject_name if declaration else None,
        )
        for name in DECLARED:
            if name != "answers":
                self.fields[name] = self._field(name)
                if declaration is not None:
                    self.fields[name].initial = getattr(declaration, name)
        self._need(True)
        if declaration is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=declaration.version)

    def full_clean(self):
        """A draft is saved half filled: what is needed is shown so, and asked for when it is handed in."""
        self._need(False)
        super().full_clean()
        self._need(True)

    def _need(self, needed: bool):
        for name in REQUIRED:
            self.fields[name].required = needed

    @property
    def filled(self) -> int:
        """How many of what is needed are there, as last saved."""
        facts = {name: getattr(self.declaration, name, None) for name in REQUIRED}
        return len(REQUIRED) - len(rules.complete(facts, REQUIRED))

    @property
    def needed(self) -> int:
        return len(REQUIRED)

    def clean_independent(self):
        return {"yes": True, "no": False}.get(self.cleaned_data["independent"])

    def clean_recognitions(self):
        return list(self.cleaned_data["recognitions"])

    def _field(self, name):
        label = Declaration._meta.get_field(name).verbose_name
        if name in ("nature", "key_industry"):
            words = rules.NATURES if name == "nature" else rules.KEY_INDUSTRIES
            empty = _("请选择") if name == "nature" else _("不属于十强产业")
            choices = [("", empty), *((word, _(word)) for word in words)]
            return forms.ChoiceField(label=label, choices=choices, required=False)
        if name == "recognitions":
            return forms.MultipleChoiceField(
                label=label,
                choices=[(word, _(word)) for word in rules.RECOGNITIONS],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        if name == "independent":
            field = forms.ChoiceField(
                label=label,
                choices=[("yes", _("是")), ("no", _("否"))],
                required=False,
                widget=forms.RadioSelect,
            )
            field.prepare_value = lambda value: {True: "yes", False: "no"}.get(value, value)
            return field
        field = Declaration._meta.get_field(name).formfield()
        field.required = False
        if name == "union_founded_on":
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        if name == "deeds":
            field.widget = forms.Textarea(attrs={"rows": 8})
            field.help_text = _("写开展全员创新的机制、平台和成效，不写企业的一般介绍。")
        if name == "contact_phone":
            field.help_text = _("只供办理本次推荐联系，不对外公开。")
        if name in _PLAIN:
            field.empty_value = ""
        return field


class NewNominationForm(DeclarationForm):
    """The same with the credit code, and, for others than a recommender, through whom it goes."""

    def __init__(self, *args, edition: Edition, hat: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credit_code"] = forms.CharField(
            label=_("统一社会信用代码"),
            max_length=40,
            help_text=_("18 位，在营业执照右上角。"),
            widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        )
        if hat.role != Role.RECOMMENDER:
            self.fields["recommender"] = forms.ModelChoiceField(
                recommenders(edition), label=_("推荐单位"), empty_label=_("请选择")
            )
        if hat.role == Role.APPLICANT:
            own = getattr(hat.organisation, "enterprise", None)
            if own:
                self.fields["credit_code"].initial, self.fields["name"].initial = own.credit_code, own.name
                self.fields["division_name"].initial = own.division_name

    def clean_credit_code(self):
        try:
            return rules.credit_code(self.cleaned_data["credit_code"])
        except Refused as refusal:
            raise forms.ValidationError(said(refusal)) from refusal
