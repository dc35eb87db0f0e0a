"""The published lists in the back room: to read and to export, never to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from awards.models import Look, Notice, NoticeRow, PaperTemplate
from portal.backroom import ReadOnly, ToExcel


class NoticeRowResource(resources.ModelResource):
    notice = fields.Field("notice__title", _("公示"))
    enterprise = fields.Field("name", _("企业"))
    recommender = fields.Field("recommender_name", _("推荐单位"))
    division = fields.Field("division_name", _("所属区市"))

    class Meta:
        model = NoticeRow
        fields = export_order = ("notice", "position", "enterprise", "recommender", "division")


@admin.register(NoticeRow)
class NoticeRowAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [NoticeRowResource]
    list_display = ["notice", "position", "name"]
    list_filter = ["notice__edition"]
    list_select_related = ["notice"]
    search_fields = ["name", "nomination__subject_name"]


class RowInline(ReadOnly, admin.TabularInline):
    model = NoticeRow
    fields = ["position", "name", "recommender_name", "division_name"]
    extra = 0


@admin.register(Notice)
class NoticeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "kind", "version", "in_force", "published_at", "ends_on", "workdays"]
    list_filter = ["kind", "in_force", "edition"]
    exclude = ["document"]
    inlines = [RowInline]


@admin.register(Look)
class LookAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["nomination", "item", "looked_up_on", "source", "clear", "noted_at"]
    list_filter = ["item", "clear", "nomination__edition"]
    list_select_related = ["nomination"]
    search_fields = ["nomination__subject_name", "source"]
    exclude = ["paper"]


@admin.register(PaperTemplate)
class PaperTemplateAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["host", "kind", "version", "name", "active", "uploaded_at"]
    list_filter = ["kind", "active"]
    list_select_related = ["host"]
    exclude = ["file"]
