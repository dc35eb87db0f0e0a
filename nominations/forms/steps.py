"""Which steps an edition has, and what of its settings is asked only where its step is there."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _

from nominations.bases import BASES
from nominations.order import OPTIONAL, SCORING
from nominations.states import StepKind
from portal.clauses import COMMITTEE

ALL = Decimal(100)
#: By the step that scores: what it weighs. Both stay on the form, whatever is left out.
WEIGHT = {StepKind.REVIEW: "expert_weight", StepKind.VOTING: "vote_weight"}
_HELP = BASES["steps"].says


class WithSteps:
    """Mixin of the form of an edition; `self.edition` is the one that is changed, or None.

    What belongs to a step that is off is not asked when the form is shown, and not read when the step is
    switched off in what was sent: without a script the fields are still there.
    """

    #: What the form set by itself, for the person who sent it.
    notes: tuple[str, ...] = ()

    def _add_steps(self) -> None:
        self._was_on = set(self.edition.enabled) if self.edition is not None else set(StepKind.values)
        self.fields["steps"] = forms.MultipleChoiceField(
            label=_("本届设的环节"),
            choices=[(kind, StepKind(kind).label) for kind in OPTIONAL],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("专家评审和公众投票至少启用一项，名单排序须有依据。")},
            initial=[kind for kind in OPTIONAL if kind in self._was_on],
            help_text=_(_HELP),
            disabled=self._is_settled(),
        )
        self.CLAUSES = {**self.CLAUSES, "steps": COMMITTEE}
        for kind in OPTIONAL:
            for name in self._of_steps({kind}):
                attrs = self.fields[name].widget.attrs
                attrs["data-steps"] = f"{attrs.get('data-steps', '')} {kind}".strip()

    def _is_settled(self) -> bool:
        if self.edition is None:
            return False
        return bool(self.edition.frozen_at or self.edition.step(StepKind.RECOMMENDATION).closed_at)

    def _leave_out(self) -> None:
        """Takes the fields of the steps that are off away, once all fields are there."""
        for name in self._of_steps(set(StepKind.values) - self._was_on):
            self.fields.pop(name, None)

    def _of_steps(self, off: set[str]) -> list[str]:
        """The names of what is asked for these steps alone; the weights are not among them."""
        names = [
            name
            for name, basis in BASES.items()
            if off.intersection(basis.steps) and name in self.fields and name not in WEIGHT.values()
        ]
        if StepKind.REVIEW in off:
            names += [*self._weights, *self._guidance]
        return names + [name for kind, *dates in self._steps() if kind in off for name in dates]

    def _off(self, data) -> set[str]:
        """The steps switched off in what was sent; what was filled in for them is forgotten."""
        chosen = data.get("steps")
        off = set() if chosen is None else set(OPTIONAL) - set(chosen)
        for name in self._of_steps(off):
            self.errors.pop(name, None)
            data.pop(name, None)
        self._weigh(data, off)
        for kind in set(OPTIONAL) - off - self._was_on:
            words = _("本届新设了{step}，请核对它的规则和日期。")
            self.notes += (words.format(step=StepKind(kind).label),)
        return off

    def _weigh(self, data, off: set[str]) -> None:
        """What is off weighs nothing and the other all; what is switched on must be given its weight."""
        on = [kind for kind in SCORING if kind not in off]
        if len(on) == 1:
            for kind in SCORING:
                self.errors.pop(WEIGHT[kind], None)
                weight = ALL if kind == on[0] else Decimal(0)
                if data.get(WEIGHT[kind]) != weight:
                    self.notes = (_note(on[0]),)
                data[WEIGHT[kind]] = weight
        for kind in on:
            if len(on) == 2 and kind not in self._was_on and not data.get(WEIGHT[kind]):
                words = _("新设了{step}，权重还是 0。请填写两项权重，合计为 100。")
                self.add_error(WEIGHT[kind], words.format(step=StepKind(kind).label))


def _note(kind: str) -> str:
    off = next(each for each in SCORING if each != kind)
    return _("本届不设{off}，已将{on}权重设为 100%，{off}权重设为 0%。").format(
        on=StepKind(kind).label, off=StepKind(off).label
    )
