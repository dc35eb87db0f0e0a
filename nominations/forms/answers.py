"""Form fields of a declaration: what was typed goes through the cleaning of its kind, and stays as typed."""

from collections.abc import Sequence

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _

from nominations.declaration import Field, clean
from portal.errors import Refused
from portal.speech import said

SPARE_ROWS = 2


class RowsInput(forms.Widget):
    """A small table: `awards-0-name`, `awards-0-level` … Read here, written by the template.

    Of details each row belongs to a choice, by its place among `choices`: those of the field they are of.
    """

    def __init__(self, field: Field, choices: Sequence[str] = ()):
        self.field, self.choices = field, choices
        super().__init__()

    def value_from_datadict(self, data, files, name):
        if self.field.kind == "details":
            return {
                choice: self._row(data, f"{name}-{n}")
                for n, choice in enumerate(self.choices)
                if self._there(data, f"{name}-{n}")
            }
        rows, n = [], 0
        while self._there(data, f"{name}-{n}"):
            rows.append(self._row(data, f"{name}-{n}"))
            n += 1
        return rows

    def value_omitted_from_data(self, data, files, name):
        return not self._there(data, f"{name}-0")

    def _row(self, data, prefix):
        return {each.key: data.get(f"{prefix}-{each.key}", "") for each in self.field.columns}

    def _there(self, data, prefix):
        return any(f"{prefix}-{each.key}" in data for each in self.field.columns)


class AnswerField(forms.Field):
    """One field of a shape. Its clean value is the canonical one."""

    def __init__(self, field: Field, *, of: Field | None = None, **kwargs):
        self.asked = field
        self.advised = field.need == "advised"
        super().__init__(
            label=_(field.title),
            # A category is data: what it says is text, on a page that takes help as it is.
            help_text=escape(_(field.help)) if field.help else "",
            required=field.need != "optional",
            widget=widget_of(field, of),
            **kwargs,
        )

    def clean(self, value):
        try:
            return clean(self.asked, value)
        except Refused as refusal:
            raise forms.ValidationError(said(refusal)) from None

    def prepare_value(self, value):
        """A kept value or what was typed, as the widget shows it."""
        if self.asked.kind == "boolean":
            return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        return "" if value is None else value


def widget_of(field: Field, of: Field | None = None):
    match field.kind:
        case "long":
            return forms.Textarea(attrs={"rows": 12 if (field.most or 2000) > 1000 else 4})
        case "integer":
            return forms.TextInput(attrs={"inputmode": "numeric", "class": "short"})
        case "decimal" | "money" | "percent":
            return forms.TextInput(attrs={"inputmode": "decimal", "class": "short"})
        case "date":
            return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        case "boolean":
            return forms.RadioSelect(choices=[("yes", _("是")), ("no", _("否"))])
        case "choice":
            empty = _("请选择") if field.need != "optional" else _("不选")
            return forms.Select(choices=[("", empty), *((each, _(each)) for each in field.choices)])
        case "choices":
            return forms.CheckboxSelectMultiple(choices=[(each, _(each)) for each in field.choices])
        case "rows" | "details":
            return RowsInput(field, of.choices if of else ())
    return forms.TextInput(attrs={"maxlength": field.most} if field.most else {})
