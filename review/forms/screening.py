"""What the office and the departments fill in at the joint check."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from portal.models import Organisation
from review.forms.days import DayInput
from review.models import Finding, Opinion
from review.rules import ITEMS
from review.services.findings import POSITIVE
from review.services.opinions import Reply


class ConsultForm(ServiceForm):
    """Who answers which item: a tick a pair, laid out as a table."""

    questions = forms.MultipleChoiceField(
        label=_("征求意见"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一个部门和一个核查项。")},
    )
    due_on = forms.DateField(label=_("答复期限"), required=False, widget=DayInput())

    def __init__(self, *args, departments, **kwargs):
        super().__init__(*args, **kwargs)
        self.departments = {each.pk: each for each in departments}
        self.fields["questions"].choices = [
            (f"{each.pk}:{item.code}", f"{each.short_name} {item.title}")
            for each in departments
            for item in ITEMS
        ]

    def clean_questions(self):
        pairs = (value.split(":") for value in self.cleaned_data["questions"])
        return [(self.departments[int(pk)], item) for pk, item in pairs]

    def rows(self):
        """For the template: each department with a tick an item."""
        on = set(self["questions"].value() or ())
        for department in self.departments.values():
            values = [(f"{department.pk}:{item.code}", item.title) for item in ITEMS]
            yield department, [(value, title, value in on) for value, title in values]


class OpinionListForm(ServiceForm):
    """A department's list: one row an enterprise, sent in one go. Rows nobody touched are not sent on."""

    looked_up_on = forms.DateField(label=_("查询日期"), widget=DayInput())

    def __init__(self, *args, pairs, given, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.given, self.pairs = given, pairs
        self.fields["looked_up_on"].initial = today
        for nomination, question in pairs:
            key = f"{nomination.pk}_{question.pk}"
            opinion = given.get((nomination.pk, question.pk))
            self.fields[f"answer_{key}"] = forms.ChoiceField(
                choices=Opinion.Answer.choices,
                required=False,
                widget=forms.RadioSelect,
                initial=opinion.answer if opinion else None,
                label=_("{name}的核查结果").format(name=nomination.subject_name),
            )
            self.fields[f"explanation_{key}"] = forms.CharField(
                required=False,
                max_length=500,
                initial=opinion.explanation if opinion else "",
                label=_("{name}的说明").format(name=nomination.subject_name),
            )
            self.fields[f"version_{key}"] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=opinion.version if opinion else 0
            )

    def rows(self):
        for nomination, question in self.pairs:
            key = f"{nomination.pk}_{question.pk}"
            yield {
                "nomination": nomination,
                "question": question,
                "opinion": self.given.get((nomination.pk, question.pk)),
                "answer": self[f"answer_{key}"],
                "explanation": self[f"explanation_{key}"],
                "version": self[f"version_{key}"],
            }

    def clean(self):
        cleaned = super().clean()
        replies = []
        for nomination, question in self.pairs:
            key = f"{nomination.pk}_{question.pk}"
            answer, explanation = cleaned.get(f"answer_{key}"), cleaned.get(f"explanation_{key}") or ""
            before = self.given.get((nomination.pk, question.pk))
            if not answer or (before and (before.answer, before.explanation) == (answer, explanation)):
                continue
            if answer != Opinion.Answer.CLEAR and not explanation:
                self.add_error(f"explanation_{key}", _("请写明情况：是什么问题、何时发生、依据是什么。"))
            day = cleaned.get("looked_up_on")
            version = cleaned.get(f"version_{key}") or 0
            replies.append((nomination.pk, question.pk, Reply(answer, explanation, day, version)))
        if not replies and not self.errors:
            self.add_error(None, _("没有填写新的答复，请先选择核查结果。"))
        return {"replies": replies}


class AnswerForm(ServiceForm):
    """One answer; `consultation` is chosen when the office answers for a department."""

    consultation = forms.ModelChoiceField(label=_("部门和核查项"), queryset=None, empty_label=None)
    answer = forms.ChoiceField(label=_("核查结果"), choices=Opinion.Answer.choices, widget=forms.RadioSelect)
    explanation = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("结果不是“无异议”的，请写明是什么问题、何时发生、依据是什么。"),
    )
    looked_up_on = forms.DateField(label=_("查询日期"), widget=DayInput())

    def __init__(self, *args, questions, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["consultation"].queryset = questions
        self.fields["consultation"].label_from_instance = lambda each: each.title
        self.fields["looked_up_on"].initial = today
        if len(questions) == 1:
            self.fields["consultation"].initial = questions[0].pk


class FindingForm(ServiceForm):
    item = forms.ChoiceField(
        label=_("审查项"), choices=lambda: [*POSITIVE.items(), *((each.code, each.title) for each in ITEMS)]
    )
    verdict = forms.ChoiceField(label=_("结论"), choices=Finding.Verdict.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("理由和依据"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    looked_up_on = forms.DateField(label=_("查询日期"), widget=DayInput())


class RestForm(ServiceForm):
    """无异议 for the rest: the named ones are carried along, so that nobody unnamed is answered for."""

    looked_up_on = forms.DateField(label=_("查询日期"), widget=DayInput())
    named = forms.CharField(widget=forms.HiddenInput)

    def clean_named(self):
        try:
            return [int(pk) for pk in self.cleaned_data["named"].split(",")]
        except ValueError:
            raise forms.ValidationError(_("请返回上一页重新打开。")) from None


def consulted():
    """The organisations that may be asked."""
    return Organisation.objects.filter(kind__in=Organisation.CONSULTED, active=True)
