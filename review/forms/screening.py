"""What the office and the departments fill in at the joint check."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import ServiceForm
from portal.models import Organisation
from review.forms.days import DayInput
from review.models import Opinion
from review.rules import ITEMS


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


def consulted():
    """The organisations that may be asked."""
    return Organisation.objects.filter(kind__in=Organisation.CONSULTED, active=True)
