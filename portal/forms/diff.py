"""What a workbook brought back would change, confirmed; and which side wins where both have moved."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.forms.service import ServiceForm
from portal.roundtrip import NOW, SIDES, YOURS


@dataclass(frozen=True)
class Clash:
    """One thing to choose: of which row (its key) and column (`*`: all of it), and what either side says."""

    row: str
    column: str
    label: str
    now: str
    yours: str


class DiffForm(ServiceForm):
    """Cleans to `choices`: {"digest": …, "cells": {row key: {column: side}}}."""

    digest = forms.CharField(widget=forms.HiddenInput)
    rest = forms.ChoiceField(
        label=_("没有逐处选择的"),
        required=False,
        choices=[
            ("", _("都要逐处选择")),
            (NOW, _("一律保留系统中现在的")),
            (YOURS, _("一律用文件中的")),
        ],
    )

    def __init__(self, *args, clashes: Iterable[Clash], digest: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.clashes = list(clashes)
        self.fields["digest"].initial = digest
        if not self.clashes:
            del self.fields["rest"]
        for number, clash in enumerate(self.clashes):
            self.fields[f"c{number}"] = forms.ChoiceField(
                label=clash.label,
                widget=forms.RadioSelect,
                error_messages={"required": gettext("请选择用哪一份")},
                choices=[
                    (NOW, gettext("保留现在的：{text}").format(text=clash.now or gettext("（空）"))),
                    (YOURS, gettext("用文件中的：{text}").format(text=clash.yours or gettext("（空）"))),
                ],
            )

    @property
    def choosing(self) -> list:
        """The fields of the clashes, for the page."""
        return [self[f"c{number}"] for number in range(len(self.clashes))]

    def clean(self):
        data = super().clean()
        cells: dict[str, dict[str, str]] = {}
        for number, clash in enumerate(self.clashes):
            side = data.get(f"c{number}") or data.get("rest")
            if side in SIDES:
                cells.setdefault(clash.row, {})[clash.column] = side
                self._errors.pop(f"c{number}", None)
        return {"choices": {"digest": data.get("digest"), "cells": cells}}
