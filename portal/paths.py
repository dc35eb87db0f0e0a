from django.urls import path

from portal.views import calendar, crawlers, health, home, invariants, messages, record

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("front/", home.front, name="front"),
    path("hat/<int:pk>/", home.wear, name="wear"),
    path("letters/", home.letters, name="letters"),
    path("notices/", messages.notices, name="notices"),
    path("outbox/", messages.outbox, name="outbox"),
    path("outbox/<int:pk>/again/", messages.send_again, name="send_again"),
    path("record/", record.record, name="record"),
    path("record/check/", record.check, name="check_record"),
    path("invariants/", invariants.invariants, name="invariants"),
    path("invariants/run/", invariants.run_invariants, name="run_invariants"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/new/", calendar.calendar_year, name="calendar_new"),
    path("calendar/<int:year>/", calendar.calendar_year, name="calendar_year"),
    path("calendar/<int:year>/confirm/", calendar.calendar_confirm, name="calendar_confirm"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
]
