"""The published lists in the back room: to read and to export, never to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from awards.models import Notice, NoticeRow
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
