"""What every list of the back room is: read and taken away, or changed on the record; never deleted."""

from django.db import transaction
from django.utils import timezone
from import_export.admin import ExportMixin
from import_export.formats.base_formats import XLSX

from portal import audit


class ReadOnly:
    """A list that is read and never written."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ToExcel(ExportMixin):
    formats = export_formats = [XLSX]


class Recorded:
    """What is changed here is on the record, as everywhere; what was there is switched off, never deleted."""

    act = "portal.manage_people"

    def has_delete_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request):
        return request.hat is not None and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return request.hat is not None and super().has_change_permission(request, obj)

    @transaction.atomic
    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        # Which fields, not what was typed: a password is among them.
        audit.record(
            self.act,
            obj,
            by=request.hat,
            now=timezone.now(),
            added=not change,
            changed=sorted(form.changed_data),
        )
