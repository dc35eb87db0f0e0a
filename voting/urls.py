from django.urls import path

from voting.views import booth, office, quarantine

app_name = "voting"

urlpatterns = [
    # the office, by edition
    path("edition/<int:pk>/", office.poll, name="poll"),
    path("edition/<int:pk>/set-up/", office.set_up, name="set_up"),
    path("edition/<int:pk>/open/", office.open_poll, name="open_poll"),
    path("edition/<int:pk>/close/", office.close_poll, name="close_poll"),
    path("edition/<int:pk>/pause/", office.pause, name="pause"),
    path("edition/<int:pk>/resume/", office.resume, name="resume"),
    path("edition/<int:pk>/cases/", quarantine.cases, name="cases"),
    path("edition/<int:pk>/set-aside/", quarantine.set_aside, name="set_aside"),
    path("case/<int:pk>/", quarantine.case, name="case"),
    path("case/<int:pk>/undo/", quarantine.undo, name="undo_case"),
    path("alarm/<int:pk>/propose/", quarantine.propose_alarm, name="propose_alarm"),
    # everybody
    path("lookup/", booth.lookup, name="lookup"),
    path("inbox/", booth.inbox, name="inbox"),
    path("receipt/<str:code>/", booth.receipt, name="receipt"),
    path("candidate/<int:pk>/", booth.candidate, name="candidate"),
    path("<int:pk>/", booth.booth, name="booth"),
    path("<int:pk>/identity/", booth.identity, name="identity"),
    path("<int:pk>/summary/", booth.summary, name="summary"),
    path("<int:pk>/cast/", booth.cast, name="cast"),
    path("<int:pk>/mine/", booth.mine, name="mine"),
    path("<int:pk>/result/", booth.result, name="result"),
]
