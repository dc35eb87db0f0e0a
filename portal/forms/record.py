import datetime as dt

from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.acts import WORDS, act_word


def _day(label):
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


class RecordFilter(forms.Form):
    """What of the record to show; a field that is not understood narrows nothing."""

    person = forms.CharField(label=_("经办人"), required=False, max_length=60)
    nomination = forms.CharField(
        label=_("企业"), required=False, max_length=120, help_text=_("名称或统一社会信用代码。")
    )
    act = forms.ChoiceField(label=_("事项"), required=False)
    edition = forms.TypedChoiceField(label=_("届次"), required=False, coerce=int, empty_value=None)
    since = _day(_("自"))
    until = _day(_("至"))

    def __init__(self, *args, editions, **kwargs):
        super().__init__(*args, **kwargs)
        words = sorted((act_word(act), act) for act in WORDS)
        self.fields["act"].choices = [("", _("全部事项")), *((act, word) for word, act in words)]
        self.fields["edition"].choices = [("", _("全部届次")), *editions]

    def narrow(self, entries: QuerySet) -> QuerySet:
        if not self.is_bound:
            return entries
        self.is_valid()
        wanted = self.cleaned_data
        if wanted.get("person"):
            entries = entries.filter(actor_name__icontains=wanted["person"].strip())
        if wanted.get("act"):
            entries = entries.filter(act=wanted["act"])
        if wanted.get("edition"):
            entries = entries.filter(edition_id=wanted["edition"])
        if wanted.get("nomination"):
            entries = entries.filter(nomination_id__in=_nominations(wanted["nomination"].strip()))
        if wanted.get("since"):
            entries = entries.filter(at__gte=_midnight(wanted["since"]))
        if wanted.get("until"):
            entries = entries.filter(at__lt=_midnight(wanted["until"] + dt.timedelta(days=1)))
        return entries


def _nominations(words: str) -> QuerySet:
    # Named by string: the ground knows no floor above it.
    found = Q(subject_name__icontains=words) | Q(enterprise__credit_code__iexact=words)
    return apps.get_model("nominations", "Nomination").objects.filter(found).values("pk")


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
