"""The lists of the inspections in the back room: to read and to export, never to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from awards.models import Inspection, InspectionFile, InspectionPhoto
from portal.backroom import ReadOnly, ToExcel


class InspectionResource(resources.ModelResource):
    edition = fields.Field("nomination__edition__title", _("届"))
    enterprise = fields.Field("nomination__subject_name", _("企业"))
    credit_code = fields.Field("nomination__enterprise__credit_code", _("统一社会信用代码"))
    verdict = fields.Field("get_verdict_display", _("结论"))

    class Meta:
        model = Inspection
        fields = export_order = (
            *("edition", "enterprise", "credit_code", "leader_name", "member_names", "planned_on"),
            *("visited_on", "verdict", "problem", "leader_signature", "member_signature"),
        )


class PhotoInline(ReadOnly, admin.TabularInline):
    model = InspectionPhoto
    fields = ["caption", "taken_at", "uploaded_at", "uploaded_by"]
    extra = 0


@admin.register(Inspection)
class InspectionAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [InspectionResource]
    list_display = ["nomination", "leader_name", "planned_on", "visited_on", "verdict"]
    list_filter = ["verdict", "nomination__edition"]
    list_select_related = ["nomination"]
    search_fields = ["nomination__subject_name", "nomination__enterprise__credit_code"]
    exclude = ["version"]
    inlines = [PhotoInline]


@admin.register(InspectionFile)
class InspectionFileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "edition", "uploaded_at", "uploaded_by", "applied_at"]
    list_filter = ["edition"]
    list_select_related = ["edition", "uploaded_by__user", "uploaded_by__organisation"]
    exclude = ["file"]
