"""The photographs of a visit: cleaned, timed, sent twice kept once, set aside with a reason."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from PIL import ExifTags, Image

from awards.models import CheckLine, Inspection, InspectionPhoto
from awards.services.open_visits import locked
from awards.services.standing_signatures import void_signatures
from awards.services.writable_visits import open_visit
from portal import audit, files
from portal.errors import Refused
from portal.models import Membership
from portal.permissions import require

MOST_PHOTOS = 30


@transaction.atomic
def add_photos(
    inspection: Inspection,
    *,
    photos: list,
    caption: str = "",
    line: str = "",
    by: Membership,
    now: datetime,
) -> list[InspectionPhoto]:
    """Photographs of the visit, all or none: checked by content, their hidden data removed.

    Of what a camera hides in a picture only the time is kept, in a field of its own; never the place.
    """
    inspection = open_visit(inspection, by=by)
    _require_room(inspection, len(photos))
    about = line_of(inspection, line)
    return [_add_photo(inspection, file, caption, line=about, by=by, now=now) for file in photos]


@transaction.atomic
def add_photo(
    inspection: Inspection,
    *,
    file,
    client_id: UUID,
    caption: str = "",
    line: str = "",
    taken_at: datetime | None = None,
    by: Membership,
    now: datetime,
) -> InspectionPhoto:
    """One photograph a phone has kept under a number of its own: sent twice, it is there once.

    `line` is the key of a line, `taken_at` what the phone's clock said; the camera's own time goes before it.
    """
    inspection = locked(inspection)
    require(by, "awards.record_inspection", inspection)
    earlier = InspectionPhoto.objects.filter(client_id=client_id).first()
    if earlier is not None:
        if earlier.inspection_id != inspection.pk:
            raise Refused("这张照片已经用于另一家企业的考察，请重新拍摄或重新选择。")
        return earlier
    inspection = open_visit(inspection, by=by)
    _require_room(inspection, 1)
    about = line_of(inspection, line)
    return _add_photo(
        inspection, file, caption, client_id=client_id, line=about, phone=taken_at, by=by, now=now
    )


@transaction.atomic
def void_photo(photo: InspectionPhoto, *, reason: str, by: Membership, now: datetime) -> InspectionPhoto:
    """Set aside what was taken by mistake; it is kept and marked."""
    inspection = open_visit(photo.inspection, by=by)
    photo = InspectionPhoto.objects.select_for_update(of=("self",)).get(pk=photo.pk)
    if photo.voided_at:
        raise Refused("这张照片已经作废，不需要再次作废。")
    if not reason.strip():
        raise Refused("请写明作废的原因。")
    photo.inspection = inspection
    photo.voided_at, photo.voided_by, photo.void_reason = now, by, reason.strip()
    photo.save(update_fields=["voided_at", "voided_by", "void_reason"])
    voided = void_signatures(inspection, now=now)
    audit.record(
        "awards.void_photo",
        photo,
        by=by,
        now=now,
        edition=inspection.nomination.edition,
        enterprise=str(inspection),
        reason=photo.void_reason,
        voided=voided,
    )
    return photo


def line_of(inspection: Inspection, key: str) -> CheckLine | None:
    """The line something is about; none for "". Raises Refused for a key that is not on the list."""
    if not key:
        return None
    line = inspection.lines.filter(key=key).first()
    if line is None:
        raise Refused("核对清单与系统中的不一致，请刷新页面后再填写。")
    return line


def _require_room(inspection, more):
    if inspection.photos.filter(voided_at__isnull=True).count() + more > MOST_PHOTOS:
        raise Refused("每家最多上传 {most} 张照片，请选择最能说明情况的。", most=MOST_PHOTOS)


def _add_photo(inspection, file, caption, *, client_id=None, line=None, phone=None, by, now):
    kind = files.inspect(file, allowed=files.IMAGES)
    taken, source = _taken_at(file, now), InspectionPhoto.TimeFrom.CAMERA
    if taken is None and phone is not None and phone <= now:
        taken, source = phone, InspectionPhoto.TimeFrom.PHONE
    clean = files.clean_image(file)
    photo = InspectionPhoto(
        inspection=inspection,
        caption=caption.strip()[:120],
        client_id=client_id,
        line=line,
        sha256=hashlib.sha256(clean.read()).hexdigest(),
        taken_at=taken,
        time_from=source if taken else InspectionPhoto.TimeFrom.NONE,
        uploaded_at=now,
        uploaded_by=by,
    )
    clean.seek(0)
    photo.file.save(clean.name, clean, save=False)
    photo.save()
    voided = void_signatures(inspection, now=now)
    audit.record(
        "awards.add_photo",
        photo,
        by=by,
        now=now,
        edition=inspection.nomination.edition,
        inspection=inspection.pk,
        enterprise=str(inspection),
        sha256=kind.sha256,
        kept=photo.sha256,
        taken_at=taken,
        time_from=photo.time_from,
        voided=voided,
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
