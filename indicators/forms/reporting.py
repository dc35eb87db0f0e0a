from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from indicators.models import Indicator
from indicators.services.reporting import Entry
from portal.figures import decimal_text
from portal.forms import ServiceForm
from portal.models import Organisation

MOST = Decimal("999999999999.9999")


class RoundForm(ServiceForm):
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)
    due_on = forms.DateField(
        label=_("填报期限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(label=_("说明"), max_length=300, required=False)


class ReportersForm(ServiceForm):
    """Who reports an indicator: any unit or department of the system's host."""

    organisations = forms.ModelMultipleChoiceField(
        Organisation.objects.none(),
        label=_("填报单位"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, indicator: Indicator, **kwargs):
        super().__init__(*args, **kwargs)
        host = indicator.system.host
        kinds = (*Organisation.RECOMMENDING, *Organisation.CONSULTED)
        below = Organisation.objects.filter(parent=host, kind__in=kinds, active=True)
        self.fields["organisations"].queryset = below | Organisation.objects.filter(pk=host.pk)
        self.initial["organisations"] = [each.organisation_id for each in indicator.reporters.all()]


class ReportForm(ServiceForm):
    """Every indicator of a unit: a figure, a remark, and hidden the version that was shown."""

    reason = forms.CharField(
        label=_("更正理由"),
        max_length=300,
        required=False,
        help_text=_("改动已经填报过的数值时必填。"),
    )

    def __init__(self, *args, indicators: list, known: dict, given: dict | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.indicators = indicators
        for each in self.indicators:
            last = known.get(each.pk)
            entry = (given or {}).get(each.pk)
            self.fields[f"value_{each.pk}"] = forms.DecimalField(
                label=each.name,
                required=False,
                max_digits=16,
                decimal_places=each.places,
                max_value=Decimal(100) if each.kind == Indicator.Kind.PERCENT else MOST,
                min_value=None if each.running else Decimal(0),
                localize=False,
            )
            self.fields[f"note_{each.pk}"] = forms.CharField(label=_("说明"), max_length=300, required=False)
            self.fields[f"shown_{each.pk}"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
            value = entry.value if entry else (last.value if last else None)
            self.initial[f"value_{each.pk}"] = None if value is None else decimal_text(value)
            self.initial[f"note_{each.pk}"] = entry.note if entry else (last.note if last else "")
            self.initial[f"shown_{each.pk}"] = last.version if last else 0
        self.known = known

    @property
    def rows(self):
        """(indicator, value, note, shown, the figure that stands) in the order as printed."""
        return [
            (
                each,
                self[f"value_{each.pk}"],
                self[f"note_{each.pk}"],
                self[f"shown_{each.pk}"],
                self.known.get(each.pk),
            )
            for each in self.indicators
        ]

    def look_again(self, known: dict) -> None:
        """The figures that stand now are those the person has seen when sending again."""
        self.known, self.data = known, self.data.copy()
        for each in self.indicators:
            last = known.get(each.pk)
            self.data[f"shown_{each.pk}"] = last.version if last else 0

    @property
    def entries(self) -> dict[int, Entry]:
        data = self.cleaned_data
        return {
            each.pk: Entry(data[f"value_{each.pk}"], data[f"note_{each.pk}"], data[f"shown_{each.pk}"] or 0)
            for each in self.indicators
        }


class ReportFileForm(ServiceForm):
    file = forms.FileField(label=_("填好的指标填报表（xlsx）"))
