from django.urls import path

from awards.views import visit

urlpatterns = [
    path("inspections/<int:pk>/", visit.inspection, name="inspection"),
    path("inspections/<int:pk>/draft/", visit.inspection_draft, name="inspection_draft"),
    path("photos/<int:pk>/", visit.photo, name="photo"),
]
