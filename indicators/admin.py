"""Indicators in the back room: whose a system is may be set there, figures are reported on their pages."""

from django.contrib import admin

from indicators.models import Indicator, System, Target, Value
from portal.backroom import ReadOnly, Recorded


@admin.register(System)
class SystemAdmin(Recorded, admin.ModelAdmin):
    act = "indicators.manage_systems"
    fields = ["name", "city", "host", "note", "position"]
    list_display = ["name", "city", "host", "document"]


class TargetInline(ReadOnly, admin.TabularInline):
    model = Target
    extra = 0


@admin.register(Indicator)
class IndicatorAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["number", "name", "unit", "system", "fill"]
    list_filter = ["system"]
    inlines = [TargetInline]


@admin.register(Value)
class ValueAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["indicator", "organisation", "value", "version", "reported_at"]
    list_filter = ["round"]
    list_select_related = ["indicator", "organisation", "round"]
