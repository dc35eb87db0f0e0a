from awards.paths import notices, shortlist

app_name = "awards"

urlpatterns = shortlist.urlpatterns + notices.urlpatterns
