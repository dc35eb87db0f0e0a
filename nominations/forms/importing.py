from django import forms
from django.utils.translation import gettext_lazy

from portal.forms import ServiceForm
from portal.models import Membership, Role


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
