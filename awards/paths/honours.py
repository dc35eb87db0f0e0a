from django.urls import path

from awards.views import honours

urlpatterns = [
    path("editions/<int:pk>/name/", honours.name, name="name"),
    path("editions/<int:pk>/honours/", honours.honours, name="honours"),
    path("editions/<int:pk>/honours/table/", honours.honours_export, name="honours_export"),
    path("honours/<int:pk>/medal/", honours.honour_medal, name="honour_medal"),
    path("honours/<int:pk>/flags/", honours.honour_flags, name="honour_flags"),
    path("honours/<int:pk>/revoke/", honours.honour_revoke, name="honour_revoke"),
    path("registry/", honours.registry, name="registry"),
]
