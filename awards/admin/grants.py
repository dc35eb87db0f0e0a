"""The grants in the back room: to read and to export, never to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from awards.models import Disbursement, Expense, Grant
from portal.backroom import ReadOnly, ToExcel


class PaidInline(ReadOnly, admin.TabularInline):
    model = Disbursement
    fields = ["paid_on", "amount", "receipt", "recorded_by"]
    extra = 0


@admin.register(Grant)
class GrantAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["honour", "amount"]
    list_filter = ["honour__year"]
    list_select_related = ["honour__enterprise"]
    inlines = [PaidInline]


class ExpenseResource(resources.ModelResource):
    honour = fields.Field("grant__honour__number", _("命名编号"))
    enterprise = fields.Field("grant__honour__enterprise__name", _("企业"))
    use = fields.Field("get_use_display", _("用途"))
    amount = fields.Field(column_name=_("金额（元）"))

    class Meta:
        model = Expense
        fields = export_order = (
            *("honour", "enterprise", "use", "matter", "explanation", "amount", "spent_on", "voucher"),
            *("reverses", "recorded_at"),
        )

    def dehydrate_amount(self, row):
        return f"{row.amount:.2f}"


@admin.register(Expense)
class ExpenseAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [ExpenseResource]
    list_display = ["grant", "use", "matter", "amount", "spent_on", "voucher", "reverses"]
    list_filter = ["use", "grant__honour__year"]
    list_select_related = ["grant__honour__enterprise", "reverses"]
    search_fields = ["matter", "voucher", "grant__honour__enterprise__name"]
