from django.urls import path

from awards.views import shortlist

urlpatterns = [
    path("editions/<int:pk>/shortlist/", shortlist.shortlist, name="shortlist"),
    path("editions/<int:pk>/shortlist/progress/", shortlist.shortlist_progress, name="shortlist_progress"),
    path("editions/<int:pk>/shortlist/result.json", shortlist.shortlist_result, name="shortlist_result"),
    path("editions/<int:pk>/shortlist/table/", shortlist.shortlist_export, name="shortlist_export"),
]
