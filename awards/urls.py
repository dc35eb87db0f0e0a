from awards.paths import grants, honours, notices, objections, shortlist, visits, visits_office

app_name = "awards"

urlpatterns = [
    *shortlist.urlpatterns,
    *visits_office.urlpatterns,
    *visits.urlpatterns,
    *notices.urlpatterns,
    *objections.urlpatterns,
    *honours.urlpatterns,
    *grants.urlpatterns,
]
