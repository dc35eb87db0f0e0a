from django.urls import path, register_converter

from awards.views import exhibition, releases


class Size:
    """Of a picture: as large as it is kept, or for a card."""

    regex = "large|small"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(Size, "picture_size")

urlpatterns = [
    path("exhibition/", exhibition.exhibition, name="exhibition"),
    path("exhibition/<int:pk>/", exhibition.exhibit, name="exhibit"),
    path("exhibition/pictures/<int:pk>/<picture_size:size>/", exhibition.picture, name="exhibit_picture"),
    path("enterprises/<int:pk>/releases/", releases.releases, name="releases"),
    path("enterprises/<int:pk>/release/", releases.release, name="release"),
    path("releases/", releases.waiting, name="releases_waiting"),
    path("releases/<int:pk>/withdraw/", releases.withdraw, name="release_withdraw"),
    path("releases/<int:pk>/picture/<picture_size:size>/", releases.picture, name="release_picture"),
]
