"""The lists of what comes after the inspection in the back room: to read and to export, never to change.

Who objected, the code and the evidence are shown nowhere here: they are read in the portal, on the record.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from awards.models import Disbursement, Expense, Grant, Honour, Notice, NoticeRow, Objection
from portal.backroom import ReadOnly, ToExcel


class NoticeRowResource(resources.ModelResource):
    notice = fields.Field("notice__title", _("公示"))
    enterprise = fields.Field("nomination__subject_name", _("企业"))
    recommender = fields.Field("nomination__recommender__name", _("推荐单位"))
    division = fields.Field("nomination__enterprise__division_name", _("所属区市"))

    class Meta:
        model = NoticeRow
        fields = export_order = ("notice", "position", "enterprise", "recommender", "division")


@admin.register(NoticeRow)
class NoticeRowAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [NoticeRowResource]
    list_display = ["notice", "position", "nomination"]
    list_filter = ["notice__edition"]
    list_select_related = ["notice", "nomination"]
    search_fields = ["nomination__subject_name"]


class RowInline(ReadOnly, admin.TabularInline):
    model = NoticeRow
    fields = ["position", "nomination"]
    extra = 0


@admin.register(Notice)
class NoticeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "kind", "published_at", "ends_on", "workdays"]
    list_filter = ["kind", "edition"]
    exclude = ["document"]
    inlines = [RowInline]


class ObjectionResource(resources.ModelResource):
    edition = fields.Field("notice__edition__title", _("届"))
    enterprise = fields.Field("nomination__subject_name", _("企业"))
    state = fields.Field("get_state_display", _("状态"))

    class Meta:
        model = Objection
        fields = export_order = (
            *("number", "edition", "enterprise", "state", "lodged_at"),
            *("decided_at", "public_outcome", "answered_at"),
        )


@admin.register(Objection)
class ObjectionAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [ObjectionResource]
    list_display = ["number", "nomination", "state", "lodged_at", "decided_at", "answered_at"]
    list_filter = ["state", "notice__edition"]
    list_select_related = ["nomination"]
    exclude = ["objector", "code_hash", "evidence", "grounds"]


class HonourResource(resources.ModelResource):
    enterprise = fields.Field("enterprise__name", _("企业"))
    credit_code = fields.Field("enterprise__credit_code", _("统一社会信用代码"))
    host = fields.Field("host__name", _("命名单位"))
    level = fields.Field("get_level_display", _("级别"))

    class Meta:
        model = Honour
        fields = export_order = (
            *("number", "year", "title", "enterprise", "credit_code", "host", "level", "decision"),
            *("named_on", "certificate", "model_worker", "to_province", "revoked_on", "revoked_reason"),
        )


@admin.register(Honour)
class HonourAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [HonourResource]
    list_display = ["number", "enterprise", "year", "level", "host", "named_on", "revoked_on"]
    list_filter = ["year", "level", "host"]
    list_select_related = ["enterprise", "host"]
    search_fields = ["number", "enterprise__name", "enterprise__credit_code"]


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
    exclude = ["voucher_file"]
