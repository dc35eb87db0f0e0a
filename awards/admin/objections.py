"""The objections in the back room: to read and to export, never to change.

Who objected, what they wrote and handed in, and the code are shown nowhere here: they are read in the portal,
by who handles them, on the record. Their tables have no page in the back room at all.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from awards.models import Objection
from portal.backroom import ReadOnly, ToExcel


class ObjectionResource(resources.ModelResource):
    edition = fields.Field("notice__edition__title", _("届"))
    enterprise = fields.Field("nomination__subject_name", _("企业"))
    state = fields.Field("get_state_display", _("状态"))

    class Meta:
        model = Objection
        fields = export_order = (
            *("number", "edition", "enterprise", "state", "lodged_at"),
            *("decided_at", "public_outcome", "answered_at"),
        )


@admin.register(Objection)
class ObjectionAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    resource_classes = [ObjectionResource]
    list_display = ["number", "nomination", "state", "lodged_at", "decided_at", "answered_at"]
    list_filter = ["state", "notice__edition"]
    list_select_related = ["nomination"]
    exclude = ["code_hash", "grounds", "matter", "decision", "answer"]
