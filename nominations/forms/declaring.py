from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _

from nominations import rules
from nominations.declaration import Shape, shape_of
from nominations.declaration.concerns import concerns
from nominations.declaration.facts import facts_of
from nominations.forms.answers import AnswerField
from nominations.forms.declared import DeclaredLine, DeclaredPart, line_of
from nominations.models import Edition, Nomination
from nominations.services.windows import recommenders
from nominations.subjects import is_enterprise
from portal.errors import Refused
from portal.forms import ServiceForm
from portal.models import Membership, Role
from portal.speech import said

#: Kinds whose controls send nothing when nothing is chosen: the page says that it showed them.
_SILENT = ("boolean", "choices")


class DeclarationForm(ServiceForm):
    """What an enterprise declares, in the sections of its category. A draft is saved half filled."""

    def __init__(
        self,
        *args,
        nomination: Nomination,
        shape: Shape,
        notes: dict[str, str] | None = None,
        documents: list | None = None,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.nomination, self.shape = nomination, shape
        self.notes, self.documents = notes or {}, documents or []
        self.facts = facts_of(nomination.subject_name, nomination.declaration)
        for field in shape:
            of = shape.by_key.get(field.of)
            self.fields[field.key] = AnswerField(field, of=of, initial=self.facts.get(field.key))
        version = nomination.declaration.version
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=version)

    @property
    def sections(self) -> list[DeclaredPart]:
        worries = {}
        for each in concerns(self.facts):
            worries.setdefault(each.field, []).append(said(each))
        return [
            DeclaredPart(
                section.key, _(section.title), [self._line(each, worries) for each in section.fields]
            )
            for section in self.shape.sections
        ]

    @property
    def shown(self) -> list[str]:
        return [each.key for each in self.shape if each.kind in _SILENT]

    def full_clean(self):
        """What was not on the page is not asked about: a part of the form saves a part of the declaration."""
        left_out = {}
        if self.is_bound:
            left_out = {name: self.fields.pop(name) for name in list(self.fields) if self._absent(name)}
        super().full_clean()
        self.fields = {
            name: field
            for name, field in (dict.fromkeys(self._names) | self.fields | left_out).items()
            if field is not None
        }

    def clean(self):
        """As `save_declaration` takes it: core fields by name, the others in `answers`."""
        given = {key: value for key, value in super().clean().items() if key != "version"}
        core = {key: value for key, value in given.items() if self.shape.by_key[key].core}
        answers = {key: value for key, value in given.items() if key not in core}
        if "name" in core:
            core["name"] = core["name"] or ""
        return {"version": self.cleaned_data.get("version"), "answers": answers, **core}

    @property
    def version(self) -> int:
        """The one the page started from."""
        return self.cleaned_data["version"]

    @property
    def given(self) -> dict:
        """What was typed and is in order, by key, canonical."""
        core = {key: value for key, value in self.cleaned_data.items() if key in self.shape.by_key}
        return core | self.cleaned_data.get("answers", {})

    @property
    def _names(self) -> list[str]:
        return [*self.shape.by_key, "version"]

    def _absent(self, name: str) -> bool:
        if name == "version":
            return False
        widget = self.fields[name].widget
        if self.shape.by_key[name].kind in _SILENT:
            return self.add_prefix(name) not in self.data and name not in self.data.getlist("shown")
        return widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name))

    def _line(self, field, worries) -> DeclaredLine:
        return line_of(
            self[field.key],
            field,
            note=self.notes.get(field.key, ""),
            worries=worries.get(field.key, []),
            documents=self.documents,
        )


class NewNominationForm(ServiceForm):
    """The credit code and the name, and, for others than a recommender, through whom it goes.

    Where the subject is not the enterprise, the enterprise's name is asked beside the subject's own.
    """

    credit_code = forms.CharField(max_length=40)
    enterprise_name = forms.CharField(max_length=120)
    name = forms.CharField(max_length=120)

    def __init__(self, *args, edition: Edition, hat: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        code, name = self.fields["credit_code"], self.fields["name"]
        company = self.fields["enterprise_name"]
        code.label, code.help_text = _("统一社会信用代码"), _("18 位，在营业执照右上角。")
        code.widget = forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"})
        company.label, company.help_text = _("企业名称"), _("与营业执照上的名称一致。")
        if is_enterprise(edition):
            del self.fields["enterprise_name"]
            name.label, name.help_text, company = company.label, company.help_text, name
        else:
            asked = shape_of(edition).by_key["name"]
            name.label, name.help_text = _(asked.title), escape(_(asked.help)) if asked.help else ""
        if hat.role != Role.RECOMMENDER:
            self.fields["recommender"] = forms.ModelChoiceField(
                recommenders(edition), label=_("推荐单位"), empty_label=_("请选择")
            )
        if hat.role == Role.APPLICANT:
            own = getattr(hat.organisation, "enterprise", None)
            if own:
                code.initial, company.initial = own.credit_code, own.name

    def clean_credit_code(self):
        try:
            return rules.credit_code(self.cleaned_data["credit_code"])
        except Refused as refusal:
            raise forms.ValidationError(said(refusal)) from refusal


class ConflictForm(ServiceForm):
    """Field by field, which of two answers stays. Built from the differences, in their order."""

    def __init__(self, *args, keys: list[str], version: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.keys = keys
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=version)
        for key in keys:
            self.fields[f"choose-{key}"] = forms.ChoiceField(
                choices=[("mine", _("我填的")), ("theirs", _("已保存的"))], required=False
            )

    def clean(self):
        data = super().clean()
        return {
            "version": data.get("version"),
            "chosen": {key: data.get(f"choose-{key}", "") for key in self.keys},
        }
