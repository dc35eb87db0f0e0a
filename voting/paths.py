"""The addresses of the ballot tier, as the portal answers them."""

from django.urls import path

from voting.views import ballot

app_name = "ballot"

urlpatterns = [
    path("<int:pk>/", ballot.cast, name="cast"),
    path("<int:pk>/start/", ballot.start, name="start"),
]
