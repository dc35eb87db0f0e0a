from django.urls import path, re_path

from awards.views import certificates, former, honours, medal_people, naming, registry

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
    path("honours/former/", former.former_new, name="former_new"),
    path("registry/", registry.registry, name="registry"),
    path("verify/<str:token>/", certificates.verify, name="verify"),
]
