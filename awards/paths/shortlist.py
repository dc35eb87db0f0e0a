from django.urls import path

from awards.views import inspection, shortlist

urlpatterns = [
    path("editions/<int:pk>/shortlist/", shortlist.shortlist, name="shortlist"),
    path("editions/<int:pk>/shortlist/progress/", shortlist.shortlist_progress, name="shortlist_progress"),
    path("editions/<int:pk>/shortlist/result.json", shortlist.shortlist_result, name="shortlist_result"),
    path("editions/<int:pk>/shortlist/table/", shortlist.shortlist_export, name="shortlist_export"),
    path("editions/<int:pk>/inspections/", inspection.inspections, name="inspections"),
    path("editions/<int:pk>/inspections/team/", inspection.inspection_team, name="inspection_team"),
    path("editions/<int:pk>/inspections/paper/", inspection.inspection_paper, name="inspection_paper"),
    path("editions/<int:pk>/inspections/form/", inspection.inspection_form, name="inspection_form"),
    path("editions/<int:pk>/inspections/table/", inspection.inspections_export, name="inspections_export"),
    path("editions/<int:pk>/inspections/close/", inspection.close_inspection, name="close_inspection"),
    path("inspection-papers/<int:pk>/", inspection.inspection_preview, name="inspection_preview"),
    path("inspections/<int:pk>/", inspection.inspection, name="inspection"),
    path("inspections/<int:pk>/draft/", inspection.inspection_draft, name="inspection_draft"),
    path("photos/<int:pk>/", inspection.photo, name="photo"),
]
