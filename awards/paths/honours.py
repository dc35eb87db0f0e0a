from django.urls import path, re_path

from awards.views import certificates, former, honours, medal_people, naming

urlpatterns = [
    path("editions/<int:pk>/name/", naming.name, name="name"),
    path("editions/<int:pk>/close-publicity/", naming.close_publicity, name="close_publicity"),
    path("decisions/<int:pk>/", naming.decision, name="decision"),
    path("decisions/<int:pk>/pdf/", naming.decision_pdf, name="decision_pdf"),
    path("editions/<int:pk>/honours/", honours.honours, name="honours"),
    path("editions/<int:pk>/honours/table/", honours.honours_export, name="honours_export"),
    path("editions/<int:pk>/certificates/", certificates.certificates_of, name="certificates"),
    path("editions/<int:pk>/medal-people/", medal_people.export, name="medal_people_export"),
    path("editions/<int:pk>/promotions/<str:to>/", honours.promotions_export, name="promotions_export"),
    path("honours/<int:pk>/", honours.honour, name="honour"),
    path("honours/<int:pk>/medal/", honours.honour_medal, name="honour_medal"),
    path("honours/<int:pk>/person/", medal_people.person, name="medal_person"),
    path("honours/<int:pk>/person/read/", medal_people.read, name="medal_person_read"),
    path("honours/<int:pk>/person/remove/", medal_people.remove, name="medal_person_remove"),
    path("honours/<int:pk>/promote/<str:to>/", honours.promote, name="promote"),
    path("promotions/<int:pk>/end/", honours.end_promotion, name="end_promotion"),
    path("honours/<int:pk>/revoke/", honours.honour_revoke, name="honour_revoke"),
    re_path(
        r"^honours/(?P<pk>\d+)/certificate\.(?P<kind>docx|pdf)$",
        certificates.certificate,
        name="certificate",
    ),
    path("honours/former/", former.former_list, name="former"),
    path("honours/former/new/", former.former_new, name="former_new"),
    path("honours/former/form/", former.former_form, name="former_form"),
    path("honours/former/import/", former.former_import, name="former_import"),
    path("honours/former/import/<int:kept>/", former.former_file, name="former_file"),
    path("honours/former/import/<int:kept>/progress/", former.former_progress, name="former_progress"),
    path("honours/<int:pk>/former/", former.former_correct, name="former_correct"),
    path("honours/<int:pk>/former/withdraw/", former.former_withdraw, name="former_withdraw"),
    path("verify/<str:token>/", certificates.verify, name="verify"),
]
