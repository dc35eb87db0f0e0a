from django.urls import path

from awards.views import visit, visit_phone, visit_sign

urlpatterns = [
    path("inspections/<int:pk>/", visit.inspection, name="inspection"),
    path("inspections/<int:pk>/sync/", visit_phone.sync_visit, name="sync_visit"),
    path("inspections/<int:pk>/photos/", visit_phone.add_photo, name="add_photo"),
    path("inspections/<int:pk>/documents/", visit.note_document, name="note_document"),
    path("inspections/<int:pk>/interviews/", visit.note_interview, name="note_interview"),
    path("inspections/<int:pk>/lines/new/", visit.line_new, name="line_new"),
    path("inspections/<int:pk>/sign/", visit_sign.sign_visit, name="sign_visit"),
    path("visit-worker.js", visit_phone.worker, name="visit_worker"),
    path("photos/<int:pk>/", visit.photo, name="photo"),
    path("photos/<int:pk>/void/", visit.void_photo, name="void_photo"),
    path("visit-documents/<int:pk>/void/", visit.void_document, name="void_document"),
    path("interviews/<int:pk>/void/", visit.void_interview, name="void_interview"),
    path("visit-signatures/<int:pk>/scan/", visit.signature_scan, name="signature_scan"),
]
