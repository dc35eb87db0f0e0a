from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("portal.paths")),
    path("", include("nominations.urls")),
    path("review/", include("review.urls")),
    path("vote/", include("voting.urls")),
    path("ballot/", include("voting.paths")),
    path("awards/", include("awards.urls")),
    path("indicators/", include("indicators.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path("", include("django_prometheus.urls")),
]

if settings.DEBUG:
    urlpatterns += [path("styleguide/", include("portal.styleguide"))]
