"""Pictures of candidates: drawn anew, small, without what a camera wrote into them, until the opening."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from portal.errors import Refused
from portal.models import AuditEntry
from tests import factories
from tests.moments import NOW
from tests.voting import ground
from tests.voting.voter import text, url
from voting.services import pictures, polls

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def poll():
    return ground.poll(opened=False)


def photograph(size=(1600, 1200), name="车间.jpg", colour="navy") -> SimpleUploadedFile:
    """With a place and a device in it, as telephones write them."""
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "演示相机", {1: "N", 2: (36.0, 4.0, 0.0)}
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue())


def read(candidate, *, small=False) -> bytes:
    address = url("picture", candidate.picture_digest + ("-s" if small else ""))
    answer = Client().get(address)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    return answer.content


def set_one(poll, upload=None):
    candidate = poll.candidates.first()
    return pictures.set_picture(candidate, upload or photograph(), by=ground.office(poll.edition), now=NOW)


def test_a_photograph_becomes_two_small_pictures_without_its_data(poll):
    candidate = set_one(poll)
    large, small = read(candidate), read(candidate, small=True)
    with Image.open(io.BytesIO(large)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (320, 240)) and not picture.getexif()
    with Image.open(io.BytesIO(small)) as picture:
        assert picture.size == (128, 128) and not picture.getexif()
    assert "演示相机".encode() not in large
    entry = AuditEntry.objects.filter(act="voting.set_up_poll").latest("pk")
    assert entry.detail["picture_of"] == 1 and entry.detail["picture"] == candidate.picture_digest


@pytest.mark.parametrize("size", [(3000, 2000), (40, 900), (1, 1)])
def test_however_hard_to_compress_it_stays_small(size):
    noise = Image.effect_noise((min(size[0], 900), min(size[1], 900)), 120).resize(size).convert("RGB")
    source = io.BytesIO()
    noise.save(source, "PNG")
    for longest, most in (pictures.LARGE, pictures.SMALL):
        data = pictures.draw(source, longest, most, square=longest == 128)
        with Image.open(io.BytesIO(data)) as drawn:
            assert len(data) <= most and max(drawn.size) <= longest


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jpg", b"MZ" + bytes(64), "程序"),
        ("a.svg", b"<svg/>", "只接受"),
        ("a.png", b"", "空文件"),
        ("a.jpg", b"\xff\xd8\xff" + bytes(64), "损坏"),
    ],
)
def test_what_is_no_picture_is_refused_and_the_old_one_stays(poll, name, content, words):
    before = set_one(poll).picture_digest
    with pytest.raises(Refused) as refusal:
        set_one(poll, SimpleUploadedFile(name, content))
    assert words in refusal.value.message
    assert poll.candidates.first().picture_digest == before


def test_pictures_outlive_another_saving_of_the_times_and_not_the_opening(poll):
    digest = set_one(poll).picture_digest
    by = ground.office(poll.edition)
    again = polls.set_up_poll(poll.edition, by=by, now=NOW, opens=ground.OPENS, closes=ground.CLOSES)
    assert again.candidates.first().picture_digest == digest
    polls.open_poll(again, by=by, now=NOW)
    for act in (
        lambda: set_one(again),
        lambda: pictures.take_picture_away(again.candidates.first(), by=by, now=NOW),
    ):
        with pytest.raises(Refused):
            act()
    assert again.candidates.first().picture_digest == digest


def test_the_office_puts_one_up_and_takes_it_away(poll):
    office = factories.sign_in(Client(), ground.office(poll.edition))
    address, candidate = url("pictures", poll.edition_id), poll.candidates.first()
    field = f"c{candidate.number}-upload"
    answer = office.post(address, {"candidate": candidate.pk, field: SimpleUploadedFile("a.jpg", b"MZ")})
    assert answer.status_code == 200 and "程序" in text(answer)
    assert office.post(address, {"candidate": candidate.pk, field: photograph()}).url == address
    candidate.refresh_from_db()
    assert candidate.picture_digest in text(office.get(address))
    assert office.post(address, {"candidate": candidate.pk, "away": "1"}).url == address
    candidate.refresh_from_db()
    assert not candidate.picture_digest
    assert office.post(address, {"candidate": 0}).status_code == 404
    other = factories.sign_in(Client(), factories.hat("office", factories.district("市北区")))
    assert other.post(address, {"candidate": candidate.pk, field: photograph()}).status_code == 404
    expert = factories.sign_in(Client(), factories.hat("expert"))
    assert expert.get(address).status_code == 403


def test_the_public_pages_show_it_or_a_plate(poll, django_assert_num_queries):
    candidate = set_one(poll)
    polls.open_poll(poll, by=ground.office(poll.edition), now=NOW)
    page = text(Client().get(url("booth", poll.pk)))
    assert page.count('<img class="plate"') == 1 and page.count('<span class="plate"') == 3
    assert url("picture", candidate.picture_digest) in text(Client().get(url("candidate", candidate.pk)))
    with django_assert_num_queries(0):
        read(candidate)
    for name in ("x", "0" * 64, "../secret", candidate.picture_digest + "-t"):
        assert Client().get(f"/vote/picture/{name}.webp").status_code == 404
