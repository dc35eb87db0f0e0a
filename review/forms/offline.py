"""Under the preview of an expert's own workbook: which side wins a cell; and the scan of a signed sheet."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.forms import Clash, DiffForm, ServiceForm
from review.services.score_reading import SheetsDiff


class SheetsForm(DiffForm):
    def __init__(self, *args, diff: SheetsDiff, **kwargs):
        clashes = [
            Clash(
                row.key,
                cell.column,
                _("第 {row} 行 {name}，{column}").format(
                    row=row.number, name=row.name, column=diff.titles[cell.column]
                ),
                cell.now,
                cell.yours,
            )
            for row in diff.of("conflict")
            for cell in row.cells
            if cell.clash
        ]
        super().__init__(*args, clashes=clashes, digest=diff.digest, **kwargs)


class ScanForm(ServiceForm):
    file = forms.FileField(
        label=gettext_lazy("签名的评分表扫描件"),
        help_text=gettext_lazy("PDF，或者 JPG、PNG、WEBP 图片，不超过 20 MB。拍照请拍全一整页，字迹清楚。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.webp"}),
    )
