from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nominations import rules
from nominations.days import due, usual_deadline
from nominations.declared import note_titles
from nominations.models import Nomination
from nominations.services.recommending import RecommendPreview, needs_publicity
from nominations.services.returning import NOTE_MOST, REASON_MOST
from portal.forms import ServiceForm
from portal.templatetags.portal import cndate
from portal.workdays import Calendar

NOTE = "note."


def _day(label, **options):
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options
    )


class SubmitForm(ServiceForm):
    """Nothing to fill in: the page itself is the question."""


class SendBackForm(ServiceForm):
    """Why, where and until when; `asked` may bring codes and notes along (`codes=…&note.<field>=…`)."""

    codes = forms.MultipleChoiceField(
        label=gettext_lazy("退回理由"),
        choices=[(code, gettext_lazy(word)) for code, word in rules.RETURN_REASONS.items()],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("补充说明"),
        max_length=REASON_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("写明要补正什么，对方会原样看到。选了“其他”的必须填写。"),
    )
    deadline = _day(gettext_lazy("补正期限"))

    def __init__(self, *args, nomination: Nomination, now, calendar: Calendar, asked=None, **kwargs):
        super().__init__(*args, **kwargs)
        asked = asked or {}
        today = timezone.localdate(now)
        usual = usual_deadline(today, calendar)
        self.fields["deadline"].initial = usual
        self.fields["deadline"].help_text = _("已按常用的期限填好：{day}，{words}。").format(
            day=cndate(usual), words=due(usual, today, calendar).words
        )
        self.fields["reason"].initial = asked.get("reason", "")
        if asked:
            self.fields["codes"].initial = asked.getlist("codes")
        for key, title in note_titles(nomination).items():
            self.fields[f"{NOTE}{key}"] = forms.CharField(
                label=_("批注：{title}").format(title=title),
                max_length=NOTE_MOST,
                required=False,
                initial=asked.get(f"{NOTE}{key}", ""),
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def note(self, key: str):
        return self[f"{NOTE}{key}"]

    def clean(self):
        """What the service takes: the notes together, by field."""
        data = super().clean()
        if self.errors:
            return data
        plain = {name: value for name, value in data.items() if not name.startswith(NOTE)}
        notes = {name.removeprefix(NOTE): text for name, text in data.items() if name.startswith(NOTE)}
        return plain | {"notes": {key: text for key, text in notes.items() if text}}


class WithdrawForm(ServiceForm):
    reason = forms.CharField(
        label=gettext_lazy("撤回理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class ConcludeForm(ServiceForm):
    """The reason is asked only where a step was not held to its end."""

    reason = forms.CharField(
        label=gettext_lazy("就此办结的理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, unheld: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not unheld:
            del self.fields["reason"]


class RecommendForm(ServiceForm):
    """One opinion for all and, where one differs, its own; the recommender's publicity and its proof."""

    opinion = forms.CharField(
        label=gettext_lazy("推荐意见"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        initial=gettext_lazy("经审核，申报内容属实，同意推荐。"),
        help_text=gettext_lazy("对本次推荐的各家通用；某一家另有意见的，写在它的名下。"),
    )
    publicity_from = _day(gettext_lazy("公示起"))
    publicity_to = _day(gettext_lazy("公示止"))
    proof = forms.FileField(
        label=gettext_lazy("公示证明"),
        help_text=gettext_lazy(
            "公示件或公示情况的说明，PDF 或照片，不超过 20 MB；一份文件随本次各家一并保存。"
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.webp,.docx,.xlsx"}),
    )

    def __init__(self, *args, preview: RecommendPreview, **kwargs):
        super().__init__(*args, **kwargs)
        needed = any(needs_publicity(line.nomination.edition) for line in preview.rows)
        self.fields["publicity_from"].required = needed
        self.fields["publicity_to"].required = needed
        # It may be among the evidence already: the service looks.
        self.fields["proof"].required = False
        self.own = {}
        if len(preview.rows) > 1:
            for line in preview.rows:
                name = f"opinion_{line.nomination.pk}"
                self.own[line.nomination.pk] = name
                self.fields[name] = forms.CharField(
                    label=_("对“{name}”的推荐意见").format(name=line.nomination.subject_name),
                    max_length=2000,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 3}),
                )
        else:
            self.fields["opinion"].help_text = ""
            self.fields["opinion"].required = True

    def opinion_of(self, nomination: Nomination):
        name = self.own.get(nomination.pk)
        return self[name] if name else None

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        own = {pk: data.pop(name) for pk, name in self.own.items()}
        return data | {"opinions": {pk: words for pk, words in own.items() if words.strip()}}
