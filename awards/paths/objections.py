from django.urls import path

from awards.views import my_objections, objecting, objection_acts, objections

urlpatterns = [
    path("notices/<int:pk>/object/", objecting.object_, name="object"),
    path("objections/status/", objecting.objection_status, name="objection_status"),
    path("objections/status/letter/", objecting.objection_status_letter, name="objection_status_letter"),
    path("objections/roster/", objection_acts.roster_, name="roster"),
    path("objections/roster/<int:pk>/end/", objection_acts.roster_end, name="roster_end"),
    path("objections/papers/<int:pk>/", objection_acts.objection_paper, name="objection_paper"),
    path("editions/<int:pk>/objections/", objections.objections, name="objections"),
    path("objections/<int:pk>/", objections.objection, name="objection"),
    path("objections/<int:pk>/take/", objection_acts.objection_take, name="objection_take"),
    path("objections/<int:pk>/person/", objection_acts.objection_person, name="objection_person"),
    path("objections/<int:pk>/hear/", objection_acts.objection_hear, name="objection_hear"),
    path("objections/<int:pk>/ask/", objection_acts.objection_ask, name="objection_ask"),
    path("objections/<int:pk>/extend/", objection_acts.objection_extend, name="objection_extend"),
    path("objections/<int:pk>/assign/", objection_acts.objection_assign, name="objection_assign"),
    path("objections/<int:pk>/letter/", objection_acts.objection_letter, name="objection_letter"),
    path(
        "objections/<int:pk>/enterprise-letter/",
        objection_acts.objection_enterprise_letter,
        name="objection_enterprise_letter",
    ),
    path("my/objections/<int:pk>/", my_objections.my_objection, name="my_objection"),
    path("my/objections/<int:pk>/letter/", my_objections.my_objection_letter, name="my_objection_letter"),
]
