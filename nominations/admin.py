"""The back room of the first step. Editions and nominations change on their own pages; here they are read."""

from django.contrib import admin
from import_export import resources
from import_export.fields import Field

from nominations.models import (
    Category,
    Dimension,
    Edition,
    Enterprise,
    Evidence,
    Nomination,
    Quota,
    Return,
    Step,
)
from portal.backroom import ReadOnly, Recorded, ToExcel


def _column(attribute: str, title) -> Field:
    return Field(attribute=attribute, column_name=str(title))


def _title(model, name: str) -> str:
    return model._meta.get_field(name).verbose_name


@admin.register(Category)
class CategoryAdmin(Recorded, admin.ModelAdmin):
    """What is there already is changed on its own page, where what a change does is shown first."""

    act = "nominations.manage_register"
    list_display = ["name", "code", "subject", "position"]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "subject", "form", "rubric"] if obj else []


class StepInline(ReadOnly, admin.TabularInline):
    model = Step
    fields = ["kind", "enabled", "opens", "closes", "closed_at"]
    extra = 0


class DimensionInline(ReadOnly, admin.TabularInline):
    model = Dimension
    fields = ["name", "weight", "position"]
    extra = 0


class QuotaInline(ReadOnly, admin.TabularInline):
    model = Quota
    fields = ["organisation", "number"]
    extra = 0


class EditionResource(resources.ModelResource):
    class Meta:
        model = Edition
        fields = ("year", "title", "host__name", "seats", "ratio", "nominees", "published", "concluded_at")


@admin.register(Edition)
class EditionAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [EditionResource]
    list_display = ["title", "year", "host", "seats", "published", "frozen_at", "concluded_at"]
    list_filter = ["year", "category", "published"]
    list_select_related = ["host"]
    search_fields = ["title"]
    inlines = [StepInline, DimensionInline, QuotaInline]


class EnterpriseResource(resources.ModelResource):
    class Meta:
        model = Enterprise
        fields = ("credit_code", "name", "division_name")


@admin.register(Enterprise)
class EnterpriseAdmin(Recorded, ToExcel, admin.ModelAdmin):
    act = "nominations.manage_register"
    resource_classes = [EnterpriseResource]
    list_display = ["name", "credit_code", "division_name"]
    list_filter = ["division_name"]
    search_fields = ["name", "credit_code"]
    autocomplete_fields = ["organisation"]

    def has_add_permission(self, request):
        return False  # an enterprise comes in with its nomination, its code checked

    def get_readonly_fields(self, request, obj=None):
        return ["credit_code"]


class NominationResource(resources.ModelResource):
    """The list as offices know it: words, not numbers of rows."""

    edition = _column("edition__title", _title(Nomination, "edition"))
    recommender = _column("recommender__name", _title(Nomination, "recommender"))
    rank = _column("rank", _title(Nomination, "rank"))
    name = _column("subject_name", _title(Nomination, "subject_name"))
    credit_code = _column("enterprise__credit_code", _title(Enterprise, "credit_code"))
    state = _column("state_label", _title(Nomination, "state"))
    ended_reason = _column("ended_reason", _title(Nomination, "ended_reason"))

    class Meta:
        model = Nomination
        fields = ("edition", "recommender", "rank", "name", "credit_code", "state", "ended_reason")

    def dehydrate_state(self, nomination):
        return str(nomination.state_label)


@admin.register(Nomination)
class NominationAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [NominationResource]
    list_display = ["subject_name", "edition", "recommender", "rank", "state", "created_at"]
    list_filter = ["edition", "state", "recommender"]
    list_select_related = ["edition", "recommender"]
    search_fields = ["subject_name", "enterprise__credit_code"]

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).select_related("edition", "recommender", "enterprise")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["title", "kind", "nomination", "mime", "size", "uploaded_at"]
    list_filter = ["kind", "nomination__edition"]
    list_select_related = ["nomination"]
    search_fields = ["title", "nomination__subject_name"]
    exclude = ["file"]


@admin.register(Return)
class ReturnAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["nomination", "from_state", "deadline", "returned_at", "mended_at"]
    list_filter = ["from_state", "nomination__edition"]
    list_select_related = ["nomination"]
