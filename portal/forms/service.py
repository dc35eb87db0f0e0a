"""Forms that hand their answer to a service, and say in their own place when the service refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from portal import workbook
from portal.errors import Refused
from portal.sound import sound
from portal.speech import said
from portal.workbook import WorkbookRefused


@dataclass(frozen=True)
class CellLine:
    """One row of `components/errors_table.html`."""

    row: int | None
    column: str
    problem: str
    expected: str


class _SoundField(forms.BoundField):
    """What was typed, without what a feed or a paper could not carry."""

    @property
    def data(self):
        typed = super().data
        # A password stays as it was typed.
        plain = isinstance(self.field, forms.CharField) and self.field.strip
        return sound(typed) if plain and isinstance(typed, str) else typed


class ServiceForm(forms.Form):
    """A form whose answer is a service's. Control characters in its texts are left out, but not in passwords.

    form = SomeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.perform(service, thing, by=request.hat, now=timezone.now()):
        return redirect(...)          # form.result is what the service returned
    return render(...)                # form.cell_errors for components/errors_table.html
    """

    bound_field_class = _SoundField
    result: Any = None
    cell_errors: tuple[CellLine, ...] = ()

    def perform(self, service: Callable, *args, **kwargs) -> bool:
        """Validate, call `service(*args, **cleaned_data, **kwargs)`; False when refused, the reason shown."""
        if not self.is_valid():
            return False
        try:
            self.result = service(*args, **{**self.cleaned_data, **kwargs})
        except Refused as refusal:
            self.refuse(refusal)
            return False
        return True

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal on this form: its sentence on top, and a workbook's errors cell by cell."""
        if isinstance(refusal, WorkbookRefused):
            self.cell_errors = tuple(_line(error) for error in refusal.errors)
            if len(self.cell_errors) == 1 and refusal.errors[0].row is None:
                # The whole file is meant: one sentence says it, a table would say it twice.
                self.cell_errors = ()
        self.add_error(None, said(refusal))


def _line(error: workbook.CellError) -> CellLine:
    column = " ".join(part for part in (error.column_letter, error.column_name) if part)
    return CellLine(error.row, column, workbook.said(error.problem), workbook.said(error.expected))
