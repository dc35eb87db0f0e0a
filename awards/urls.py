from awards.paths import grants, honours, notices, objections, referrals, shortlist, visits, visits_office

app_name = "awards"

urlpatterns = [
    *shortlist.urlpatterns,
    *visits_office.urlpatterns,
    *visits.urlpatterns,
    *referrals.urlpatterns,
    *notices.urlpatterns,
    *objections.urlpatterns,
    *honours.urlpatterns,
    *grants.urlpatterns,
]
