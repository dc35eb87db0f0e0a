from django.urls import path

from voting.views import booth, office

app_name = "voting"

urlpatterns = [
    # the office, by edition
    path("edition/<int:pk>/", office.poll, name="poll"),
    path("edition/<int:pk>/set-up/", office.set_up, name="set_up"),
    path("edition/<int:pk>/open/", office.open_poll, name="open_poll"),
    path("edition/<int:pk>/close/", office.close_poll, name="close_poll"),
    path("edition/<int:pk>/pause/", office.pause, name="pause"),
    path("edition/<int:pk>/resume/", office.resume, name="resume"),
    path("edition/<int:pk>/set-aside/", office.set_aside, name="set_aside"),
    path("quarantine/<int:pk>/restore/", office.restore, name="restore"),
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
