"""The back room of screening and review: lists to read and to take away; nothing changes here.

Scores of a review that is still open are not shown here to anybody: the office has its own page for them.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import resources
from import_export.fields import Field

from portal.backroom import ReadOnly, ToExcel
from portal.figures import two_places
from review.models import Assignment, Expert, Finding, Opinion, PanelMember, Recusal, Result, ResultRow


class OpinionResource(resources.ModelResource):
    department = Field("consultation__department__name", column_name=str(_("部门")))
    credit_code = Field("nomination__enterprise__credit_code", column_name=str(_("统一社会信用代码")))
    name = Field("nomination__subject_name", column_name=str(_("名称")))
    item = Field("consultation__title_of_item", column_name=str(_("核查项")))
    result = Field("get_answer_display", column_name=str(_("结果")))
    explanation = Field("explanation", column_name=str(_("说明")))
    looked_up_on = Field("looked_up_on", column_name=str(_("查询日期")))

    class Meta:
        model = Opinion
        fields = ("department", "credit_code", "name", "item", "result", "explanation", "looked_up_on")
        export_order = fields


@admin.register(Opinion)
class OpinionAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [OpinionResource]
    list_display = ["nomination", "consultation", "answer", "looked_up_on", "answered_at"]
    list_filter = ["answer", "consultation__department"]
    list_select_related = ["nomination", "consultation__department"]
    search_fields = ["nomination__subject_name", "nomination__enterprise__credit_code"]


class FindingResource(resources.ModelResource):
    credit_code = Field("nomination__enterprise__credit_code", column_name=str(_("统一社会信用代码")))
    name = Field("nomination__subject_name", column_name=str(_("名称")))
    verdict = Field("get_verdict_display", column_name=str(_("结论")))

    class Meta:
        model = Finding
        fields = ("credit_code", "name", "item", "verdict", "reason", "looked_up_on")
        export_order = fields


@admin.register(Finding)
class FindingAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [FindingResource]
    list_display = ["nomination", "item", "verdict", "looked_up_on", "proposed"]
    list_filter = ["verdict", "item"]
    list_select_related = ["nomination"]
    search_fields = ["nomination__subject_name"]


class ExpertResource(resources.ModelResource):
    class Meta:
        model = Expert
        fields = ("name", "employer", "employer_code", "active")
        export_order = fields


@admin.register(Expert)
class ExpertAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [ExpertResource]
    list_display = ["name", "employer", "active"]
    list_filter = ["active"]
    search_fields = ["name", "employer"]


@admin.register(PanelMember)
class PanelMemberAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["code", "expert", "edition"]
    list_filter = ["edition"]
    list_select_related = ["expert", "edition"]


@admin.register(Assignment)
class AssignmentAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["member", "nomination", "assigned_at", "declared_at"]
    list_select_related = ["member", "nomination"]
    search_fields = ["nomination__subject_name", "member__code"]
    fields = ["member", "nomination", "assigned_at", "declared_at", "declared_signature"]


@admin.register(Recusal)
class RecusalAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["assignment", "kind", "signed_at"]
    list_select_related = ["assignment__member", "assignment__nomination"]


@admin.register(Result)
class ResultAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["edition", "digest", "frozen_at"]
    list_select_related = ["edition"]


class ResultRowResource(resources.ModelResource):
    rank = Field("rank", column_name=str(_("名次")))
    credit_code = Field("nomination__enterprise__credit_code", column_name=str(_("统一社会信用代码")))
    name = Field("nomination__subject_name", column_name=str(_("名称")))
    score = Field("score", column_name=str(_("专家得分")))
    sheets = Field("sheets", column_name=str(_("有效评分表")))
    nominee = Field("nominee", column_name=str(_("提名")))

    def dehydrate_score(self, row):
        return two_places(row.score)

    class Meta:
        model = ResultRow
        fields = ("rank", "credit_code", "name", "score", "sheets", "nominee")
        export_order = fields


@admin.register(ResultRow)
class ResultRowAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [ResultRowResource]
    list_display = ["rank", "nomination", "shown_score", "sheets", "nominee"]
    list_filter = ["result__edition", "nominee"]
    list_select_related = ["nomination"]

    @admin.display(description=_("专家得分"))
    def shown_score(self, row):
        return two_places(row.score)
