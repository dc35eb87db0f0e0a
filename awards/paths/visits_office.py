from django.urls import path

from awards.views import calendar, teams, visits_office

urlpatterns = [
    path("editions/<int:pk>/inspections/", visits_office.inspections, name="inspections"),
    path("editions/<int:pk>/inspections/team/", visits_office.inspection_team, name="inspection_team"),
    path("editions/<int:pk>/inspections/paper/", visits_office.inspection_paper, name="inspection_paper"),
    path("editions/<int:pk>/inspections/form/", visits_office.inspection_form, name="inspection_form"),
    path("editions/<int:pk>/inspections/table/", visits_office.inspections_export, name="inspections_export"),
    path("editions/<int:pk>/inspections/close/", visits_office.close_inspection, name="close_inspection"),
    path("inspection-papers/<int:pk>/", visits_office.inspection_preview, name="inspection_preview"),
    path("editions/<int:pk>/teams/", teams.teams, name="teams"),
    path("editions/<int:pk>/teams/new/", teams.team_new, name="team_new"),
    path("editions/<int:pk>/teams/people/<int:user>/", teams.inspector, name="inspector"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/retire/", teams.team_retire, name="team_retire"),
    path("editions/<int:pk>/inspections/conflicts/", teams.conflicts, name="inspector_conflicts"),
    path(
        "editions/<int:pk>/inspections/conflicts/find/", teams.find_conflicts, name="find_inspector_conflicts"
    ),
    path("editions/<int:pk>/inspections/conflicts/pair/", teams.choose_pair, name="choose_inspector_pair"),
    path("inspections/<int:pk>/conflicts/<int:user>/", teams.pin, name="pin_inspector"),
    path("editions/<int:pk>/inspections/declare/", teams.declare, name="declare_inspector"),
    path("editions/<int:pk>/inspections/calendar/", calendar.calendar, name="visit_calendar"),
    path("editions/<int:pk>/inspections/propose/", calendar.propose, name="visit_proposal"),
    path("editions/<int:pk>/inspections/route/", calendar.route, name="visit_route"),
    path("editions/<int:pk>/letters/", calendar.letters, name="visit_letters"),
    path("editions/<int:pk>/letters/zip/", calendar.letters_zip, name="visit_letters_zip"),
    path("letters/<int:pk>/", calendar.letter, name="visit_letter"),
]
