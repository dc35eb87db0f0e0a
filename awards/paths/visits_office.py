from django.urls import path

from awards.views import visits_office

urlpatterns = [
    path("editions/<int:pk>/inspections/", visits_office.inspections, name="inspections"),
    path("editions/<int:pk>/inspections/team/", visits_office.inspection_team, name="inspection_team"),
    path("editions/<int:pk>/inspections/paper/", visits_office.inspection_paper, name="inspection_paper"),
    path("editions/<int:pk>/inspections/form/", visits_office.inspection_form, name="inspection_form"),
    path("editions/<int:pk>/inspections/table/", visits_office.inspections_export, name="inspections_export"),
    path("editions/<int:pk>/inspections/close/", visits_office.close_inspection, name="close_inspection"),
    path("inspection-papers/<int:pk>/", visits_office.inspection_preview, name="inspection_preview"),
]
