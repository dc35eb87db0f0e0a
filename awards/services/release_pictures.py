"""A released picture: drawn anew from the document, so that nothing but its pixels goes out."""

from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile

from awards.models import Release
from nominations.models import Evidence
from portal.errors import Refused
from portal.files import clean_image
from voting.services.pictures import draw

#: Longest side in pixels and most bytes: on the page of the enterprise, and on the card of the list.
LARGE, SMALL = (1600, 400_000), (640, 60_000)


def keep_picture(release: Release, document: Evidence) -> None:
    """Store both sizes privately under names drawn by lot; the release is saved by the caller."""
    try:
        with document.file.storage.open(document.file.name) as file:
            clean = clean_image(file)
    except FileNotFoundError:
        raise Refused("“{title}”的文件找不到了，请联系办公室。", title=document.title) from None
    # The name of the upload goes nowhere, `private_name` keeps its ending alone.
    release.picture.save("picture.webp", ContentFile(draw(clean, *LARGE)), save=False)
    storage = release.picture.storage
    storage.save(small_name(release.picture), ContentFile(draw(clean, *SMALL)))


def small_name(picture: FieldFile) -> str:
    place = PurePosixPath(picture.name)
    return str(place.with_name(f"{place.stem}-s{place.suffix}"))


def picture_bytes(picture: FieldFile, *, small: bool = False) -> bytes | None:
    """What the page shows; None where the file is away."""
    try:
        with picture.storage.open(small_name(picture) if small else picture.name) as file:
            return file.read()
    except FileNotFoundError:
        return None
