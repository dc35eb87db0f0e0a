from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nominations.services.roundreading import RoundDiff
from portal.forms import Clash, DiffForm, ServiceForm
from portal.models import Membership, Role
from portal.roundtrip import excerpts


class IntakeForm(ServiceForm):
    file = forms.FileField(
        label=gettext_lazy("推荐汇总表"),
        help_text=gettext_lazy("Excel 文件（.xlsx）。先预览，确认后才导入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    recommended = forms.BooleanField(
        label=gettext_lazy("这是推荐单位已签章的汇总表，导入后直接登记为“已推荐”"),
        required=False,
    )

    def __init__(self, *args, hat: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        if hat.role != Role.OFFICE:
            del self.fields["recommended"]


class RoundForm(ServiceForm):
    file = forms.FileField(
        label=gettext_lazy("填好的推荐填报表"),
        help_text=gettext_lazy(
            "Excel 文件（.xlsx），用 Excel、WPS 或 LibreOffice 保存都可以。先预览，确认后才写入。"
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class RoundDiffForm(DiffForm):
    """One choice for each cell in which the file and the record have both moved."""

    def __init__(self, *args, diff: RoundDiff, **kwargs):
        clashes = [
            Clash(
                row.key,
                cell.column,
                _("第 {row} 行 {name}，{title}（下载时：{base}）").format(
                    row=row.number,
                    name=row.name,
                    title=diff.titles[cell.column],
                    base=excerpts(cell.base, cell.now)[0] or _("空"),
                ),
                *excerpts(cell.now, cell.yours),
            )
            for row in diff.of("conflict")
            for cell in row.cells
            if cell.clash
        ]
        super().__init__(*args, clashes=clashes, digest=diff.digest, **kwargs)
