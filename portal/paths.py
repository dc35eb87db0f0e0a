from django.urls import path

from portal import views

app_name = "portal"

urlpatterns = [
    path("", views.home, name="home"),
    path("hat/<int:pk>/", views.wear, name="wear"),
    path("letters/", views.letters, name="letters"),
    path("notices/", views.notices, name="notices"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:pk>/again/", views.send_again, name="send_again"),
    path("record/", views.record, name="record"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
