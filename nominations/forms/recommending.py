from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from portal.forms import ServiceForm


class SubmitForm(ServiceForm):
    """Nothing to fill in: the page itself is the question."""


class SendBackForm(ServiceForm):
    reason = forms.CharField(
        label=gettext_lazy("退回理由"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("写明要补正什么，对方会原样看到。"),
    )
    deadline = forms.DateField(
        label=gettext_lazy("补正期限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deadline"].initial = timezone.localdate(now) + timedelta(days=7)


class WithdrawForm(ServiceForm):
    reason = forms.CharField(
        label=gettext_lazy("撤回理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class RecommendForm(ServiceForm):
    opinion = forms.CharField(
        label=gettext_lazy("推荐意见"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        initial=gettext_lazy("经审核，申报内容属实，同意推荐。"),
    )
