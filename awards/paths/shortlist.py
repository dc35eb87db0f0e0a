from django.urls import path

from awards.views import shortlist, shortlist_questions, topping_up

urlpatterns = [
    path("editions/<int:pk>/shortlist/", shortlist.shortlist, name="shortlist"),
    path("editions/<int:pk>/shortlist/progress/", shortlist.shortlist_progress, name="shortlist_progress"),
    path("editions/<int:pk>/shortlist/result.json", shortlist.shortlist_result, name="shortlist_result"),
    path("editions/<int:pk>/shortlist/table/", shortlist.shortlist_export, name="shortlist_export"),
    path("editions/<int:pk>/shortlist/why/", shortlist_questions.why, name="shortlist_why"),
    path("editions/<int:pk>/shortlist/what-if/", shortlist_questions.what_if, name="shortlist_what_if"),
    path("editions/<int:pk>/shortlist/verify/", shortlist_questions.verify_file, name="shortlist_verify"),
    path("editions/<int:pk>/top-up/<int:nomination>/", topping_up.top_up, name="top_up"),
]
