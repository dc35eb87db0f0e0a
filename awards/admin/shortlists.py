"""The lists of the shortlist in the back room: to read and to export, never to change."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from awards.models import Shortlist, ShortlistAddition, ShortlistRow
from portal.backroom import ReadOnly, ToExcel
from portal.figures import two_places


class ShortlistRowResource(resources.ModelResource):
    edition = fields.Field("shortlist__edition__title", _("届"))
    enterprise = fields.Field("nomination__subject_name", _("企业"))
    credit_code = fields.Field("nomination__enterprise__credit_code", _("统一社会信用代码"))
    expert_score = fields.Field(column_name=_("专家得分"))
    vote_score = fields.Field(column_name=_("投票得分"))
    composite = fields.Field(column_name=_("综合得分"))

    class Meta:
        model = ShortlistRow
        fields = export_order = (
            *("edition", "rank", "enterprise", "credit_code"),
            *("expert_score", "picks", "vote_score", "composite", "shortlisted", "tie"),
        )

    def dehydrate_expert_score(self, row):
        return "" if row.expert_score is None else str(two_places(row.expert_score))

    def dehydrate_vote_score(self, row):
        return "" if row.vote_score is None else str(two_places(row.vote_score))

    def dehydrate_composite(self, row):
        return str(two_places(row.composite))


@admin.register(ShortlistRow)
class ShortlistRowAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [ShortlistRowResource]
    list_display = ["rank", "nomination", "shortlist", "composite_shown", "picks", "shortlisted", "tie"]
    list_filter = ["shortlisted", "shortlist__edition"]
    list_select_related = ["nomination", "shortlist__edition"]
    search_fields = ["nomination__subject_name", "nomination__enterprise__credit_code"]

    @admin.display(description=_("综合得分"))
    def composite_shown(self, row):
        return two_places(row.composite)


@admin.register(Shortlist)
class ShortlistAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["edition", "status", "size", "grew_by", "digest", "key_name", "drawn_at"]
    list_filter = ["status"]
    list_select_related = ["edition"]


@admin.register(ShortlistAddition)
class ShortlistAdditionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["row", "instead_of", "reason", "minute", "added_at", "added_by"]
    list_filter = ["row__shortlist__edition"]
    list_select_related = ["row__nomination", "instead_of", "added_by__user", "added_by__organisation"]
    search_fields = ["row__nomination__subject_name", "instead_of__subject_name"]
