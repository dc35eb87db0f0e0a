from awards.paths import (
    exhibition,
    grants,
    honours,
    notices,
    objections,
    referrals,
    shortlist,
    visits,
    visits_office,
)

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
    *exhibition.urlpatterns,
]
