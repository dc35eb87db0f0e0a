import datetime as dt
import re

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.forms.service import ServiceForm

_TOKEN = re.compile(r"[\s,，、;；]+")
_RANGE = re.compile(r"\s*(?:至|到|~|\uff5e|—)\s*")
_DAYS_HELP = _("每行一天，写成 2026-10-01；连着几天的，写成 2026-10-01 至 2026-10-07。")


class DaysField(forms.CharField):
    """Days as an office writes them down: one a line, runs of days as 从 至 到."""

    widget = forms.Textarea(attrs={"rows": 8})

    def to_python(self, value):
        text = _RANGE.sub("~", super().to_python(value))
        days: list[dt.date] = []
        for token in filter(None, _TOKEN.split(text)):
            first, _tilde, last = token.partition("~")
            start, end = _read(first), _read(last or first)
            if end < start or (end - start).days > 60:
                raise forms.ValidationError(
                    gettext("“{run}”首尾的日期次序不对，或者超过 60 天。").format(
                        run=token.replace("~", " 至 ")
                    )
                )
            days += [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]
        return sorted(set(days))

    def validate(self, value):
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value):
        """The days are looked at by the rule of the calendar."""


def _read(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise forms.ValidationError(
            gettext("“{text}”不是日期，请写成 2026-10-01 的样子。").format(text=text)
        ) from None


class CalendarForm(ServiceForm):
    year = forms.IntegerField(label=_("年份"), min_value=2000, max_value=2100)
    source = forms.CharField(
        label=_("依据"), max_length=200, help_text=_("放假通知的名称和文号；尚未公布的，写明暂按什么推算。")
    )
    provisional = forms.BooleanField(
        label=_("暂定：放假通知尚未公布"),
        required=False,
        help_text=_("暂定年份推算出的期限会标明“暂定”，公示前须确认。"),
    )
    holidays = DaysField(label=_("放假的日子"), help_text=_DAYS_HELP)
    workdays = DaysField(label=_("调休上班的周末"), help_text=_DAYS_HELP, required=False)

    @staticmethod
    def initial_of(row, year=None) -> dict:
        if row is None:
            return {"year": year} if year and year.isdigit() else {}
        return {
            "year": row.year,
            "source": row.source,
            "provisional": row.provisional,
            "holidays": "\n".join(_runs(row.holidays)),
            "workdays": "\n".join(_runs(row.workdays)),
        }

    def fix_year(self, year: int) -> None:
        """A year that is there keeps its number."""
        self.fields["year"].disabled = True
        self.initial["year"] = year


def _runs(texts: list[str]):
    """Days that follow one another are written as one line."""
    days = sorted(dt.date.fromisoformat(text) for text in texts)
    start = None
    for n, day in enumerate(days):
        start = start or day
        if n + 1 == len(days) or days[n + 1] - day != dt.timedelta(days=1):
            yield start.isoformat() if start == day else f"{start.isoformat()} 至 {day.isoformat()}"
            start = None
