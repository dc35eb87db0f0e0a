"""The photographs of a visit."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from PIL import ExifTags, Image

from awards.models import Inspection, InspectionPhoto
from awards.services.open_visits import locked
from nominations.services.steps import require_open
from nominations.states import StepKind
from portal import audit, files
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require

MOST_PHOTOS = 30


@transaction.atomic
def add_photos(
    inspection: Inspection, *, photos: list, caption: str = "", by: Membership, now: datetime
) -> list[InspectionPhoto]:
    """Photographs of the visit, all or none: checked by content, their hidden data removed.

    Of what a camera hides in a picture only the time is kept, in a field of its own; never the place.
    """
    inspection = locked(inspection)
    require(by, "awards.record_inspection", inspection)
    require_open(inspection.nomination.edition, StepKind.INSPECTION)
    if inspection.photos.count() + len(photos) > MOST_PHOTOS:
        raise Refused("每家最多上传 {most} 张照片，请选择最能说明情况的。", most=MOST_PHOTOS)
    return [_add_photo(inspection, file, caption, by=by, now=now) for file in photos]


def _add_photo(inspection, file, caption, *, by, now):
    kind = files.inspect(file, allowed=files.IMAGES)
    photo = InspectionPhoto(
        inspection=inspection,
        caption=caption,
        taken_at=_taken_at(file, now),
        uploaded_at=now,
        uploaded_by=by,
    )
    clean = files.clean_image(file)
    photo.file.save(clean.name, clean, save=False)
    photo.save()
    audit.record(
        "awards.add_photo",
        photo,
        by=by,
        now=now,
        edition=inspection.nomination.edition,
        inspection=inspection.pk,
        enterprise=str(inspection),
        sha256=kind.sha256,
        taken_at=photo.taken_at,
    )
    return photo


def _taken_at(file, now):
    """When the camera says the picture was taken; None where it does not, or says what cannot be."""
    file.seek(0)
    try:
        with Image.open(file) as image:
            text = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        taken = datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").replace(
            tzinfo=timezone.get_default_timezone()
        )
    except Exception:  # a camera writes what it likes; the picture itself was looked through before
        return None
    finally:
        file.seek(0)
    return taken if taken <= now else None
