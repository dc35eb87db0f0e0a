"""A released picture: drawn anew from the document, so that nothing but its pixels goes out."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db.models.fields.files import FieldFile

from awards.models import Release
from nominations.models import Evidence
from portal.errors import Refused
from portal.files import clean_image
from voting.services.pictures import draw

#: Longest side in pixels and most bytes: on the page of the enterprise, and on the card of the list.
LARGE, SMALL = (1600, 400_000), (640, 60_000)
#: WebP's own measure of trouble, 6 the most: this takes half of its time.
METHOD = 4
#: Most in one submission.
MOST_PICTURES = 6


class Pictures:
    """Those of one submission: drawn before the enterprise is locked, thrown away where it is refused.

    with Pictures(documents) as pictures, transaction.atomic():
        pictures.keep(release, document)
    """

    def __init__(self, documents: Iterable[Evidence]):
        """Raises `Refused` where a file is away or is no picture after all."""
        self._drawn = {each.pk: _drawn(each) for each in documents}
        self._stored: list[tuple[Storage, str]] = []

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            for storage, name in self._stored:
                storage.delete(name)

    def keep(self, release: Release, document: Evidence) -> None:
        """Store both sizes privately under names drawn by lot; the release is saved by the caller."""
        if document.pk not in self._drawn:
            raise Refused("所选的内容有的已不在可公开的范围内，请刷新页面后重新选择。")
        large, small = self._drawn[document.pk]
        # The name of the upload goes nowhere, `private_name` keeps its ending alone.
        release.picture.save("picture.webp", ContentFile(large), save=False)
        storage = release.picture.storage
        self._stored.append((storage, release.picture.name))
        self._stored.append((storage, storage.save(small_name(release.picture), ContentFile(small))))


def _drawn(document: Evidence) -> tuple[bytes, bytes]:
    try:
        with document.file.storage.open(document.file.name) as file:
            clean = clean_image(file, longest=LARGE[0])
    except FileNotFoundError:
        raise Refused("“{title}”的文件找不到了，请联系办公室。", title=document.title) from None
    return draw(clean, *LARGE, method=METHOD), draw(clean, *SMALL, method=METHOD)


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
