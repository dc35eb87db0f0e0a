"""Reading only: a poll is run from its own pages, and no list here says who voted or for whom.

Ballots and codes are not registered at all: a table of picks would show the totals that are hidden.
"""

from django.contrib import admin
from import_export.admin import ExportMixin
from import_export.formats.base_formats import XLSX
from import_export.resources import ModelResource

from voting.models import Candidate, Poll, Quarantine, RefusedBallots, Result, ResultRow


class ReadOnly:
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnlyAdmin(ReadOnly, ExportMixin, admin.ModelAdmin):
    formats = export_formats = [XLSX]


@admin.register(Poll)
class PollAdmin(ReadOnlyAdmin):
    list_display = ["edition", "opens", "closes", "opened_at", "paused_at", "closed_at"]
    list_select_related = ["edition"]
    exclude = ["key_id"]

    class PollResource(ModelResource):
        class Meta:
            model = Poll
            fields = ["id", "edition__title", "opens", "closes", "opened_at", "paused_at", "closed_at"]

    resource_classes = [PollResource]


@admin.register(Candidate)
class CandidateAdmin(ReadOnlyAdmin):
    list_display = ["number", "nomination", "poll"]
    list_filter = ["poll"]
    list_select_related = ["nomination", "poll__edition"]


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    list_display = ["done_at", "kind", "reason", "done_by", "poll"]
    list_filter = ["poll", "kind"]
    list_select_related = ["done_by__user", "done_by__organisation", "poll__edition"]
    exclude = ["ballots"]


@admin.register(RefusedBallots)
class RefusedBallotsAdmin(ReadOnlyAdmin):
    list_display = ["poll", "reason", "number"]
    list_select_related = ["poll__edition"]


@admin.register(Result)
class ResultAdmin(ReadOnlyAdmin):
    list_display = ["edition", "cast", "set_aside", "frozen_at", "digest"]
    list_select_related = ["edition"]


@admin.register(ResultRow)
class ResultRowAdmin(ReadOnlyAdmin):
    list_display = ["rank", "nomination", "picks", "score", "result"]
    list_filter = ["result"]
    list_select_related = ["nomination", "result__edition"]
    search_fields = ["nomination__subject_name"]
