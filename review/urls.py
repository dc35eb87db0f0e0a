from django.urls import path

from review.views import (
    assignment,
    batches,
    cases,
    closing,
    conflicts,
    departments,
    links,
    office,
    opinions,
    overrules,
    panel,
    seats,
    sheets,
)

app_name = "review"

urlpatterns = [
    # ② 资格审查
    path("<int:pk>/screening/", office.screening, name="screening"),
    path("<int:pk>/screening/ask/", office.consult, name="consult"),
    path("<int:pk>/screening/send/", batches.batches, name="batches"),
    path("<int:pk>/screening/chase/", batches.chase, name="chase"),
    path("<int:pk>/rechecks/", batches.recheck, name="rechecks"),
    path("nomination/<int:pk>/rechecked/", batches.refuse_rechecked, name="refuse_rechecked"),
    path("<int:pk>/screening/row/", departments.answer_row, name="answer_row"),
    path("<int:pk>/screening/rest/", departments.answer_rest, name="answer_rest"),
    path("<int:pk>/links/", links.links, name="links"),
    path("link/<int:pk>/revoke/", links.revoke_link, name="revoke_link"),
    path("by-link/<str:token>/", links.by_link, name="by_link"),
    path("by-link/<str:token>/row/", links.by_link_row, name="by_link_row"),
    path("by-link/<str:token>/rest/", links.by_link_rest, name="by_link_rest"),
    path("by-link/<str:token>/template/", links.by_link_template, name="by_link_template"),
    path("by-link/<str:token>/workbook/", links.by_link_workbook, name="by_link_workbook"),
    path("by-link/<str:token>/workbook/<int:kept>/", links.by_link_file, name="by_link_file"),
    path("by-link/<str:token>/finish/", links.by_link_finish, name="by_link_finish"),
    path("by-link/<str:token>/proof/<int:pk>/", links.by_link_proof, name="by_link_proof"),
    path("<int:pk>/screening/workbook/", opinions.answer_workbook, name="answer_workbook"),
    path("<int:pk>/screening/workbook/<int:kept>/", opinions.answers_file, name="answers_file"),
    path(
        "<int:pk>/screening/workbook/<int:kept>/progress/", opinions.answers_progress, name="answers_progress"
    ),
    path("<int:pk>/screening/template/", opinions.answer_template, name="answer_template"),
    path("<int:pk>/screening/export/", opinions.screening_export, name="screening_export"),
    path("<int:pk>/screening/close/", closing.close_screening, name="close_screening"),
    path("<int:pk>/screening/cases/", cases.cases, name="cases"),
    path("nomination/<int:pk>/answer/", cases.answer, name="answer"),
    path("nomination/<int:pk>/find/", cases.find, name="find"),
    path("nomination/<int:pk>/decision/", cases.decision, name="decision"),
    path("opinion/<int:pk>/overrule/", overrules.overrule, name="overrule"),
    path("overrule/<int:pk>/", overrules.decide_overrule, name="decide_overrule"),
    path("proof/<int:pk>/", cases.proof, name="proof"),
    # ③ 专家评审
    path("<int:pk>/panel/", seats.panel, name="panel"),
    path("<int:pk>/panel/assign/", assignment.assign, name="assign"),
    path("<int:pk>/panel/scores/", panel.scores_workbook, name="scores_workbook"),
    path("<int:pk>/progress/", panel.progress, name="progress"),
    path("<int:pk>/progress/export/", panel.scores_export, name="scores_export"),
    path("<int:pk>/close/", closing.close_review, name="close_review"),
    path("sheets/", sheets.sheets, name="sheets"),
    path("sheets/declare/", conflicts.declare, name="declare"),
    path("sheet/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheet/<int:pk>/submit/", sheets.submit, name="submit_sheet"),
    path("sheet/<int:pk>/recuse/", conflicts.recuse, name="recuse"),
]
