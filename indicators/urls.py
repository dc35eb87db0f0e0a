from django.urls import path

from indicators.views import board, guidance, levels, reporting

app_name = "indicators"

urlpatterns = [
    path("", board.systems, name="systems"),
    path("levels/", levels.levels, name="levels"),
    path("levels/named/", levels.level_honours, name="level_honours"),
    path("levels/table/", levels.levels_export, name="levels_export"),
    path("unions/", guidance.union_list, name="unions"),
    path("unions/<int:pk>/", guidance.union, name="union"),
    path("unions/<int:pk>/report/", guidance.union_paper, name="union_report"),
    path("unions/<int:pk>/guidance/new/", guidance.plan, name="guidance_plan"),
    path("guidance/<int:pk>/", guidance.guidance, name="guidance"),
    path("guidance/<int:pk>/record/", guidance.record, name="guidance_record"),
    path("guidance/<int:pk>/cancel/", guidance.cancel, name="guidance_cancel"),
    path("agreements/<int:pk>/", guidance.settle, name="agreement"),
    path("<int:pk>/", board.board, name="board"),
    path("<int:pk>/table/", board.board_export, name="board_export"),
    path("<int:pk>/rounds/new/", reporting.new_round, name="new_round"),
    path("<int:pk>/reporters/", reporting.reporters, name="reporters"),
    path("indicator/<int:pk>/", board.indicator, name="indicator"),
    path("indicator/<int:pk>/reporters/", reporting.indicator_reporters, name="indicator_reporters"),
    path("rounds/<int:pk>/", reporting.round_, name="round"),
    path("rounds/<int:pk>/close/", reporting.close, name="close_round"),
    path("rounds/<int:pk>/remind/", reporting.remind, name="remind"),
    path("rounds/<int:pk>/report/<int:reporter>/", reporting.report, name="report"),
    path("rounds/<int:pk>/report/<int:reporter>/form/", reporting.report_form, name="report_form"),
    path("rounds/<int:pk>/report/<int:reporter>/import/", reporting.report_import, name="report_import"),
]
