"""A candidate's picture: what the office hands in is drawn anew, small, and known by its digest."""

import hashlib
import io

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageOps

from portal import audit
from portal.errors import Refused
from portal.files import IMAGES, MB, clean_image, inspect
from portal.models import Membership
from portal.permissions import require
from voting.models import Candidate
from voting.services.polls import locked

#: Longest side in pixels and most bytes: on the candidate's own page, and in the list, which shows dozens.
LARGE, SMALL = (320, 20_000), (128, 4_000)
QUALITIES = (80, 70, 60, 50, 40, 30, 20, 10)
MOST_HANDED_IN = 10 * MB


@transaction.atomic
def set_picture(candidate: Candidate, upload, *, by: Membership, now) -> Candidate:
    """Give a candidate this picture (an open file with a name), until the poll is opened.

    A digest is a picture's public name, thus the same picture has the same address wherever it is shown.
    """
    poll = _changeable(candidate, by)
    inspect(upload, allowed=IMAGES, max_bytes=MOST_HANDED_IN)
    source = clean_image(upload)
    large, small = draw(source, *LARGE), draw(source, *SMALL, square=True)
    digest = hashlib.sha256(large + small).hexdigest()
    storage = candidate.picture.storage
    for name, data in ((file_name(digest), large), (file_name(digest, small=True), small)):
        if not storage.exists(name):
            storage.save(name, ContentFile(data))
    candidate.picture, candidate.picture_digest = file_name(digest), digest
    candidate.save(update_fields=["picture", "picture_digest"])
    audit.record("voting.set_up_poll", poll, by=by, now=now, picture_of=candidate.number, picture=digest)
    return candidate


@transaction.atomic
def take_picture_away(candidate: Candidate, *, by: Membership, now) -> Candidate:
    """The plate with the first character takes its place again."""
    poll = _changeable(candidate, by)
    if candidate.picture_digest:
        candidate.picture, candidate.picture_digest = "", ""
        candidate.save(update_fields=["picture", "picture_digest"])
        audit.record("voting.set_up_poll", poll, by=by, now=now, picture_of=candidate.number, picture=None)
    return candidate


def file_name(digest: str, *, small: bool = False) -> str:
    return f"candidates/{digest[:2]}/{digest}{'-s' if small else ''}.webp"


def draw(source, longest: int, most: int, *, square: bool = False, method: int = 6) -> bytes:
    """WebP of at most `longest` pixels and `most` bytes; `square` cuts the middle out.

    `method` is WebP's own: 6 takes the most time for the fewest bytes.
    """
    source.seek(0)
    with Image.open(source) as opened:
        picture = Image.new("RGB", opened.size, "white")
        shown = opened.convert("RGBA")
        picture.paste(shown, mask=shown)
    if square:
        side = min(longest, *picture.size)
        picture = ImageOps.fit(picture, (side, side))
    else:
        picture.thumbnail((longest, longest))
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            picture.save(out, "WEBP", quality=quality, method=method)
            if out.tell() <= most:
                return out.getvalue()
        # Pure noise; a photograph never comes here.
        picture = picture.resize([max(1, side * 3 // 4) for side in picture.size])


def _changeable(candidate, by):
    poll = locked(candidate.poll)
    require(by, "voting.set_up_poll", poll.edition)
    if poll.opened_at:
        raise Refused("投票已经开启，候选企业的图片不能再修改。")
    return poll
