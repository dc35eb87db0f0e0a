from django.urls import path

from awards.views import objections

urlpatterns = [
    path("notices/<int:pk>/object/", objections.object_, name="object"),
    path("objections/status/", objections.objection_status, name="objection_status"),
    path("editions/<int:pk>/objections/", objections.objections, name="objections"),
    path("objections/<int:pk>/", objections.objection, name="objection"),
    path("objections/<int:pk>/person/", objections.objection_person, name="objection_person"),
    path("objections/<int:pk>/evidence/", objections.objection_evidence, name="objection_evidence"),
]
