"""The honours in the back room: to read and to export, never to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from awards.models import Honour
from portal.backroom import ReadOnly, ToExcel


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
