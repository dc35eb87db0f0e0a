"""Reading only: a poll is run from its own pages, and no list here says who voted or for whom.

Ballots and codes are not registered at all: a table of picks would show the totals that are hidden.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import ModelResource

from portal.backroom import ReadOnly, ToExcel
from voting.models import Candidate, Poll, Quarantine, RefusedBallots, Result, ResultRow


def listing(model, **columns):
    """A resource of exactly these columns, attribute → heading: what is not named is not exported."""
    fields = {name: Field(attribute=name, column_name=str(title)) for name, title in columns.items()}
    meta = type("Meta", (), {"model": model, "fields": list(columns)})
    return type(ModelResource)(f"{model.__name__}Listing", (ModelResource,), {**fields, "Meta": meta})


class Listed(ReadOnly, ToExcel, admin.ModelAdmin):
    """A list of one of the poll's tables."""


@admin.register(Poll)
class PollAdmin(Listed):
    list_display = ["edition", "opens", "closes", "opened_at", "paused_at", "closed_at"]
    list_select_related = ["edition"]
    exclude = ["key_id"]
    resource_classes = [
        listing(
            Poll,
            edition=_("届"),
            opens=_("开始"),
            closes=_("截止"),
            opened_at=_("开启时间"),
            closed_at=_("关闭时间"),
        )
    ]


@admin.register(Candidate)
class CandidateAdmin(Listed):
    list_display = ["number", "nomination", "poll"]
    list_filter = ["poll"]
    list_select_related = ["nomination", "poll__edition"]
    resource_classes = [
        listing(
            Candidate,
            poll=_("投票"),
            number=_("编号"),
            nomination__enterprise__credit_code=_("统一社会信用代码"),
            nomination__subject_name=_("名称"),
        )
    ]


@admin.register(Quarantine)
class QuarantineAdmin(Listed):
    list_display = ["done_at", "kind", "reason", "done_by", "poll"]
    list_filter = ["poll", "kind"]
    list_select_related = ["done_by__user", "done_by__organisation", "poll__edition"]
    exclude = ["ballots"]
    resource_classes = [
        listing(
            Quarantine,
            poll=_("投票"),
            get_kind_display=_("操作"),
            reason=_("理由"),
            done_by=_("经办人"),
            done_at=_("时间"),
        )
    ]


@admin.register(RefusedBallots)
class RefusedBallotsAdmin(Listed):
    list_display = ["poll", "reason", "number"]
    list_select_related = ["poll__edition"]
    resource_classes = [
        listing(RefusedBallots, poll=_("投票"), get_reason_display=_("原因"), number=_("张数"))
    ]


@admin.register(Result)
class ResultAdmin(Listed):
    list_display = ["edition", "cast", "set_aside", "frozen_at", "digest"]
    list_select_related = ["edition"]
    resource_classes = [
        listing(
            Result,
            edition=_("届"),
            cast=_("收到选票"),
            set_aside=_("隔离选票"),
            valid=_("有效选票"),
            frozen_at=_("冻结时间"),
            digest=_("摘要"),
        )
    ]


@admin.register(ResultRow)
class ResultRowAdmin(Listed):
    list_display = ["rank", "nomination", "picks", "score", "result"]
    list_filter = ["result"]
    list_select_related = ["nomination", "result__edition"]
    search_fields = ["nomination__subject_name"]
    resource_classes = [
        listing(
            ResultRow,
            result__edition=_("届"),
            rank=_("名次"),
            nomination__enterprise__credit_code=_("统一社会信用代码"),
            nomination__subject_name=_("名称"),
            picks=_("有效票"),
            score=_("投票得分"),
        )
    ]
