from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _

from nominations.bases import TIE_WORDS, bases_of
from nominations.folder import PROPOSED, REQUIRABLE
from nominations.forms.sections import InSections
from nominations.forms.steps import WithSteps
from nominations.models import Category, Edition
from nominations.services.closed_rules import DIMENSIONS, Closed, closed_rules
from nominations.services.editions import REVIEW, TIE_BREAK, guidance_of
from nominations.states import StepKind
from portal.clauses import COMMITTEE
from portal.errors import N_
from portal.forms import ServiceForm

_ON_MODEL = (
    "year",
    "title",
    "category",
    "seats",
    "minute",
    "contact_address",
    "contact_phone",
    "contact_mail",
    "allow_former",
    "finding_days",
    "min_sheets",
    "trim_from",
    "nominees",
    "sheets_each",
    "comment_below",
    "comment_above",
    "same_district_conflict",
    "discussion",
    "min_picks",
    "max_picks",
    "ballots_per",
    "totals",
    "expert_weight",
    "vote_weight",
    "ratio",
    "notice_workdays",
    "accept_workdays",
    "decide_workdays",
    "extend_workdays",
    "grant_amount",
)
REVIEW_FIELDS = ("min_sheets", "trim_from", "nominees", *REVIEW)
_TIES = tuple(f"tie_{n}" for n in range(1, len(TIE_BREAK) + 1))


def _moment(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class EditionForm(WithSteps, InSections, ServiceForm):
    """Everything the committee decides of an edition, each field beside what the regulation says."""

    CLAUSES = {"tie_1": "S1 四.1", "tie_2": "S1 四.2"}

    def __init__(
        self,
        *args,
        edition: Edition | None = None,
        category: Category | None = None,
        year: int | None = None,
        **kwargs,
    ):
        """A new one is of `category`, whose rubric it starts from; an edition stays of the one it is of."""
        self.edition = edition
        self.category = edition.category if edition is not None else category
        self.bases = bases_of(enterprise=self.category.subject == Category.Subject.ENTERPRISE)
        self.UNITS = {name: basis.unit for name, basis in self.bases.items()}
        self.CLAUSES = self.CLAUSES | {name: basis.clause for name, basis in self.bases.items()}
        super().__init__(*args, **kwargs)
        for name in _ON_MODEL:
            field = Edition._meta.get_field(name).formfield()
            if isinstance(field, forms.ModelChoiceField):
                field.widget, field.initial = forms.HiddenInput(), self.category
            if name in self.bases:
                field.help_text = _(self.bases[name].says)
            # Empty is everybody, as 0 is.
            field.required = field.required and name != "sheets_each"
            field.initial = self._now(name, field.initial)
            self.fields[name] = field
        if edition is None and year:
            self.fields["year"].initial = year
        if edition is not None:
            del self.fields["category"]
        self._add_evidence()
        self._add_dimensions()
        self._add_ties()
        self._add_dates()
        self._add_steps()
        self._leave_out()
        if edition is not None:
            self._close(closed_rules(edition))
        elif not self.category.certificate:
            # The amount of S1 四.4 is that of the naming that comes with the certificate.
            self.fields["grant_amount"].initial = Decimal(0)

    def _close(self, closed: Closed) -> None:
        """What may no longer be changed is shown and not asked, with a word why."""
        several = {"tie_break": _TIES, DIMENSIONS: self._weights}
        for rule in closed.rules:
            for name in several.get(rule, (rule,)):
                if field := self.fields.get(name):
                    field.disabled = True
                    # Of frozen rules the head of the page speaks, of all at once.
                    if not self.edition.frozen_at:
                        field.help_text = _("{why}，不能再改。").format(why=_(closed.why)) + field.help_text

    @property
    def SECTIONS(self):
        return (
            ("basics", N_("基本情况"), ("year", "title", "seats", "minute")),
            ("steps", N_("环节"), ("steps",)),
            ("intake", N_("推荐与资格"), ("evidence_required", "allow_former", "finding_days")),
            ("review", N_("专家评审"), (*self._weights, *self._guidance, *REVIEW_FIELDS)),
            ("vote", N_("公众投票"), ("min_picks", "max_picks", "ballots_per", "totals")),
            ("composite", N_("综合与差额"), ("expert_weight", "vote_weight", "ratio", *_TIES)),
            (
                "after",
                N_("公示与资助"),
                ("notice_workdays", "accept_workdays", "decide_workdays", "extend_workdays", "grant_amount"),
            ),
            ("dates", N_("各环节日期"), self._dates),
            ("contact", N_("联系方式"), ("contact_address", "contact_phone", "contact_mail")),
        )

    def clean(self):
        """What the service takes: the fields, with dimensions, dates and the order of ties put together."""
        data = super().clean()
        off = self._off(data)
        given = {name: data[name] for name in _ON_MODEL if name in data}
        ties = [data[name] for name in _TIES if data.get(name)]
        if len(ties) != len(set(ties)):
            self.add_error(_TIES[-1], _("同一条同分规则只能出现一次。"))
        weights = {name: data.get(name) for name in self._weights}
        for _kind, opens, closes in self._steps():
            if data.get(opens) and data.get(closes) and data[opens] >= data[closes]:
                self.add_error(closes, _("截止应晚于开始。"))
        if self.errors:
            return data
        given["off"] = off
        if "sheets_each" in given:
            given["sheets_each"] = given["sheets_each"] or 0
        given["tie_break"] = ties
        given["evidence_required"] = data["evidence_required"]
        asked = [each for each in self._dimensions() if f"weight_{each[0]}" in data]
        if asked:
            given["dimensions"] = [(code, name, weights[f"weight_{code}"]) for code, name, _weight in asked]
        given["guidance"] = {
            code: (data[f"guidance_{code}"], data[f"subpoints_{code}"].splitlines())
            for code, _name, _weight in asked
        }
        given["dates"] = {
            kind: (data[opens], data[closes]) for kind, opens, closes in self._steps() if opens in data
        }
        return given

    def _add_evidence(self):
        self.fields["evidence_required"] = forms.MultipleChoiceField(
            label=_("必交佐证"),
            choices=[(kind.value, kind.label) for kind in REQUIRABLE],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=self._now("evidence_required", [kind.value for kind in PROPOSED]),
            help_text=_(self.bases["evidence_required"].says),
        )

    def _now(self, name, default):
        return getattr(self.edition, name) if self.edition is not None else default

    def _dimensions(self):
        if self.edition is None:
            return [(row["code"], row["name"], row["weight"]) for row in self.category.rubric]
        return [(each.code, each.name, each.weight) for each in self.edition.dimensions.all()]

    def _add_dimensions(self):
        self._weights = self._guidance = ()
        self._proposed = {} if self.edition is not None else guidance_of(self.category)
        for code, name, weight in self._dimensions():
            field = f"weight_{code}"
            self.fields[field] = forms.DecimalField(
                label=_("“{name}”权重").format(name=_(name)),
                min_value=0,
                max_value=100,
                decimal_places=2,
                initial=Decimal(weight),
                help_text=_(self.bases["dimensions"].says) if not self._weights else "",
            )
            self.UNITS = {**self.UNITS, field: "%"}
            self.CLAUSES = {
                **self.CLAUSES,
                field: self.bases["dimensions"].clause if not self._weights else COMMITTEE,
            }
            self._weights = (*self._weights, field)
            self._add_guidance(code, name)

    def _add_guidance(self, code, name):
        """What experts are to look at: a sentence or two, and points, a line each."""
        row = self.edition.dimensions.filter(code=code).first() if self.edition else None
        text, points = (row.guidance, row.subpoints) if row else self._proposed.get(code, ("", []))
        guidance, subpoints = f"guidance_{code}", f"subpoints_{code}"
        self.fields[guidance] = forms.CharField(
            label=_("“{name}”评分要点").format(name=_(name)),
            required=False,
            max_length=1000,
            initial=text,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_(self.bases["guidance"].says) if not self._guidance else "",
        )
        self.fields[subpoints] = forms.CharField(
            label=_("“{name}”分项").format(name=_(name)),
            required=False,
            max_length=1000,
            initial="\n".join(points),
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("每行一项，供专家对照，不单独打分。"),
        )
        self.CLAUSES = {**self.CLAUSES, guidance: COMMITTEE}
        self._guidance = (*self._guidance, guidance, subpoints)

    def _add_ties(self):
        order = self._now("tie_break", list(TIE_BREAK))
        words = [("", _("不设")), *((key, _(word)) for key, word in TIE_WORDS.items())]
        for place, name in enumerate(_TIES):
            self.fields[name] = forms.ChoiceField(
                label=_("同分次序第 {n} 条").format(n=place + 1),
                choices=words,
                required=False,
                initial=order[place] if place < len(order) else "",
                help_text=_(self.bases["tie_break"].says) if place == 0 else "",
            )

    def _steps(self):
        return [(kind, f"{kind}_opens", f"{kind}_closes") for kind in StepKind.values]

    def _add_dates(self):
        self._dates = ()
        known = {step.kind: step for step in self.edition.steps.all()} if self.edition else {}
        for kind, opens, closes in self._steps():
            title = StepKind(kind).label
            self.fields[opens] = _moment(_("{step}开始").format(step=title))
            self.fields[closes] = _moment(_("{step}截止").format(step=title))
            step = known.get(kind)
            if step:
                self.fields[opens].initial, self.fields[closes].initial = step.opens, step.closes
                self.fields[opens].disabled = self.fields[closes].disabled = bool(step.closed_at)
            self._dates = (*self._dates, opens, closes)
