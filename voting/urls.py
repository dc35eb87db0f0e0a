from django.urls import path

from voting.views import alarms, booth, identity, office, pictures, quarantine, receipts, running, steps

app_name = "voting"

urlpatterns = [
    # the office, by edition
    path("edition/<int:pk>/", office.poll, name="poll"),
    path("edition/<int:pk>/set-up/", office.set_up, name="set_up"),
    path("edition/<int:pk>/pictures/", pictures.edit, name="pictures"),
    path("edition/<int:pk>/open/", office.open_poll, name="open_poll"),
    path("edition/<int:pk>/close/", office.close_poll, name="close_poll"),
    path("edition/<int:pk>/live/", running.live, name="live"),
    path("edition/<int:pk>/pause/", running.pause, name="pause"),
    path("edition/<int:pk>/resume/", running.resume, name="resume"),
    path("edition/<int:pk>/effort/", running.effort, name="effort"),
    path("edition/<int:pk>/export/", office.export, name="export"),
    path("edition/<int:pk>/cases/", quarantine.cases, name="cases"),
    path("edition/<int:pk>/set-aside/", quarantine.set_aside, name="set_aside"),
    path("case/<int:pk>/", quarantine.case, name="case"),
    path("case/<int:pk>/undo/", quarantine.undo, name="undo_case"),
    path("edition/<int:pk>/alarms/", alarms.alarms, name="alarms"),
    path("alarm/<int:pk>/", alarms.alarm, name="alarm"),
    path("alarm/<int:pk>/dismiss/", alarms.dismiss, name="dismiss_alarm"),
    path("alarm/<int:pk>/propose/", quarantine.propose_alarm, name="propose_alarm"),
    # everybody
    path("lookup/", receipts.lookup, name="lookup"),
    path("inbox/", receipts.inbox, name="inbox"),
    path("receipt/<str:code>/", receipts.receipt, name="receipt"),
    path("comfort/", booth.comfort, name="comfort"),
    path("picture/<str:name>.webp", pictures.picture, name="picture"),
    path("candidate/<int:pk>/", booth.candidate, name="candidate"),
    path("<int:pk>/", booth.booth, name="booth"),
    path("<int:pk>/totals.json", booth.totals, name="totals"),
    path("<int:pk>/choose/", booth.choose, name="choose"),
    path("sms/report/", identity.report, name="sms_report"),
    path("<int:pk>/challenge/", identity.challenge, name="challenge"),
    path("<int:pk>/code/", identity.code, name="code"),
    path("<int:pk>/check/", identity.check, name="check"),
    path("<int:pk>/identity/", steps.identity, name="identity"),
    path("<int:pk>/summary/", steps.summary, name="summary"),
    path("<int:pk>/cast/", steps.cast, name="cast"),
    path("<int:pk>/mine/", steps.mine, name="mine"),
    path("<int:pk>/result/", receipts.result, name="result"),
]
