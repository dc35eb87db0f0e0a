"""How the pages write: dates, money, scores, the badge of a state, the chip of a clause."""

import datetime as dt
import secrets
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from django import forms, template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.clauses import COMMITTEE, find_clause
from portal.errors import N_
from portal.figures import exact_text

register = template.Library()

MINUS = "\u2212"
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

# state: word, icon, tone. The word and the icon speak; the tone only helps the eye.
STATES = {
    "draft": (N_("起草"), "pencil", "calm"),
    "recommendation": (N_("审核推荐"), "send", "info"),
    "screening": (N_("资格审查"), "clipboard-check", "info"),
    "review": (N_("专家评审"), "people", "info"),
    "voting": (N_("公众投票"), "check2-square", "info"),
    "inspection": (N_("差额考察"), "geo-alt", "info"),
    "publicity": (N_("公示"), "megaphone", "warn"),
    "named": (N_("命名"), "award", "gold"),
    "rejected": (N_("不予通过"), "x-circle", "bad"),
    "withdrawn": (N_("撤回"), "arrow-counterclockwise", "calm"),
}


def _here(moment):
    if isinstance(moment, dt.datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def _english() -> bool:
    return (get_language() or "").startswith("en")


@register.filter
def cndate(day) -> str:
    """2026年9月24日 (周四); nothing for nothing."""
    if not day:
        return ""
    day = _here(day)
    if _english():
        return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year} ({ENGLISH_DAYS[day.weekday()]})"
    return f"{day.year}年{day.month}月{day.day}日 ({_(WEEKDAYS[day.weekday()])})"


@register.filter
def cnday(day) -> str:
    """9月24日: the short form, for steppers and narrow columns."""
    if not day:
        return ""
    day = _here(day)
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1][:3]}" if _english() else f"{day.month}月{day.day}日"


@register.filter
def cndatetime(moment) -> str:
    """2026年9月24日 (周四) 08:00, on the 24-hour clock of the portal's time zone."""
    return f"{cndate(moment)} {_here(moment):%H:%M}" if moment else ""


@register.filter
def dayend(day) -> str:
    """2026年10月9日 (周五) 24:00: the end of a period, to the last minute of its last day."""
    return f"{cndate(day)} 24:00" if day else ""


@register.filter
def isotime(moment) -> str:
    """What a <time datetime> attribute wants."""
    return (
        _here(moment).isoformat(timespec="minutes") if isinstance(moment, dt.datetime) else f"{moment or ''}"
    )


@register.filter
def yuan(amount) -> str:
    """¥300,000.00; a dash for an amount that is not known."""
    if amount is None or amount == "":
        return "—"
    exact = Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return (MINUS if exact < 0 else "") + f"¥{abs(exact):,.2f}"


@register.filter
def score(value) -> str:
    """Two places, half up, from an exact number or the text "p/q"; a dash for none. Only for the eye."""
    if value is None or value == "":
        return "—"
    try:
        hundredths = Fraction(str(value)) * 100
    except (ValueError, ZeroDivisionError, InvalidOperation):
        return "—"
    units = (abs(hundredths) * 2 + 1) // 2
    sign = MINUS if hundredths < 0 and units else ""
    return f"{sign}{units // 100}.{units % 100:02d}"


@register.filter
def exact(value) -> str:
    """A weight or a ratio as it is: 72.5, never 145/2 where a decimal says it; nothing for none."""
    return "" if value is None or value == "" else exact_text(value)


@register.inclusion_tag("components/state.html")
def state(nomination) -> dict:
    """The badge of a nomination, or of the plain name of a state."""
    name = str(getattr(nomination, "state", nomination))
    word, icon, tone = STATES.get(name, (name, "question-circle", "calm"))
    return {"word": _(word) if word else "", "icon": icon, "tone": tone}


@register.inclusion_tag("components/clause.html")
def clause(code: str, label: str = "") -> dict:
    """The 依据 chip of one clause; `{% clause "委员会" %}` where the regulation is silent."""
    found = find_clause(code)
    return {
        "clause": found,
        "committee": found.code == COMMITTEE,
        "label": label,
        "uid": f"clause-{secrets.token_hex(4)}",
    }


WIDGETS = (
    (forms.CheckboxSelectMultiple, "choices", "form-check-input"),
    (forms.RadioSelect, "choices", "form-check-input"),
    (forms.CheckboxInput, "check", "form-check-input"),
    (forms.Select, "select", "form-select"),
    (forms.FileInput, "file", "form-control"),
    (forms.Textarea, "area", "form-control"),
)


@register.simple_tag
def dress(field, most=None) -> str:
    """Give the widget of a bound field the class of its kind, and say which kind it is.

    `most` is the number of characters the counter below it counts down from.
    """
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    kind, css = next(((k, c) for cls, k, c in WIDGETS if isinstance(widget, cls)), ("text", "form-control"))
    if widget.attrs.get("placeholder") == field.label:
        del widget.attrs["placeholder"]  # says nothing the label does not say
    classes = widget.attrs.get("class", "").split()
    if css not in classes:
        classes.append(css)
    if field.errors and "is-invalid" not in classes:
        classes.append("is-invalid")
    widget.attrs["class"] = " ".join(classes)
    if most:
        widget.attrs["data-counter"] = f"{field.auto_id}_count"
    return kind
