"""What an enterprise did not release, or the office did not let through, stands on no public surface.

Every address that answers anybody is walked, from the book of addresses itself, so that a new one is walked
too. Each answer of the declaration is a sentinel of its own; numbers are too odd to stand there by chance.
"""

import io
import json
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from awards.models import Release
from awards.services.deciding_releases import decide_releases
from awards.services.release_sources import offers_of
from awards.services.releasing import Item, release, withdraw
from nominations.declaration import shape_of
from nominations.models import Evidence
from tests import factories
from tests.address_book import ROWS
from tests.awards.exhibits import photograph
from tests.places import home, things_of
from tests.test_urls import caller

ODD = 48_271_900
#: What the vote shows of a candidate in its own right, and for the time of the vote.
OF_THE_BALLOT = {"deeds", "industry", "employees", "union_members", "mentoring"}
SURFACES = [
    (wanted, name) for wanted, answers, group in ROWS if answers.startswith("200") for name in group.split()
]


def sentinel(field, place: str):
    """An answer that can be told from all others; None for kinds of which only few are possible."""
    match field.kind:
        case "text" | "long":
            return f"暗记{place}暗记"
        case "integer":
            return ODD + sum(map(ord, place))
        case "decimal" | "money":
            return f"{ODD + sum(map(ord, place))}.5"
        case "rows":
            return [
                {
                    each.key: value
                    for each in field.columns
                    if (value := sentinel(each, f"{place}-{each.key}-{n}"))
                }
                for n in (1, 2)
            ]
    return None


@pytest.fixture
def world(db):
    """The world of the addresses, its named enterprise with a sentinel in every field and picture."""
    now = timezone.now()
    things = things_of(home(), now)
    # Its address stays among those that are walked.
    things.exhibited = SimpleNamespace(pk=things.exhibited.pk)
    Release.objects.all().delete()
    nomination, declaration = things.nomination, things.nomination.declaration
    answers, said = {}, {}
    for field in shape_of(nomination.edition):
        value = sentinel(field, field.key)
        if value is None or field.key in ("name", "division_name"):
            continue
        said[field.key] = (
            [str(each) for row in value for each in row.values()] if field.kind == "rows" else [str(value)]
        )
        if not field.core:
            answers[field.key] = value
        elif field.kind in ("text", "long"):
            setattr(declaration, field.key, str(value)[:40] if field.key != "deeds" else value)
        else:
            setattr(declaration, field.key, value)
    declaration.answers = answers
    declaration.save()
    for number in (1, 2):
        Evidence.objects.create(
            nomination=nomination,
            kind=Evidence.Kind.PHOTO,
            title=f"暗记照片{number}暗记",
            file=ContentFile(photograph("暗记EXIF暗记").read(), name="暗记文件名.jpg"),
            mime="image/jpeg",
            size=1,
            sha256=str(number),
            uploaded_at=now,
            uploaded_by=factories.hat("office"),
        )
    things.said, things.now = said, now
    return things


def texts(client, things):
    """(address, everything that can be read there) of every public surface."""
    for wanted, name in SURFACES:
        args = [getattr(each, "pk", each) for each in (getattr(things, part) for part in wanted.split())]
        answer = client.get(reverse(name, args=args))
        yield name, _words(b"".join(answer) if answer.streaming else answer.content)
    for query in ("?q=暗记", f"?q={ODD}"):
        for name in (
            "awards:exhibition",
            "awards:registry",
            "awards:registry_print",
            "awards:registry_export",
        ):
            yield f"{name}{query}", _words(client.get(reverse(name) + query).content)


def _words(content: bytes) -> str:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return "".join(parts.read(each).decode("utf-8", "ignore") for each in parts.namelist())
    text = content.decode("utf-8", "ignore")
    # What a search box repeats of the question is no answer.
    return text.replace('value="暗记"', "").replace(f'value="{ODD}"', "").replace("“暗记”", "")


def leaks(client, things, released=()) -> list[str]:
    found = []
    for name, text in texts(client, things):
        for key, values in things.said.items():
            if name.startswith("voting:") and key in OF_THE_BALLOT:
                continue
            found += [f"{name}: {key}" for value in values if value in text and value not in released]
        if "暗记照片" in text or "暗记EXIF" in text or "暗记文件名" in text:
            found.append(f"{name}: a picture")
    return sorted(set(found))


def item(things, kind: str, number: int = 0, **words) -> Item:
    offer = [each for each in offers_of(things.enterprise) if each.kind == kind][number]
    return Item(offer.key, **({"title": offer.title, "text": offer.text, "alt": "车间一角"} | words))


def put_out(things, *items) -> list[Release]:
    speaker = factories.hat("applicant", things.enterprise.organisation)
    return release(things.enterprise, items=items, by=speaker, now=things.now)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_of_a_declaration_is_public_of_itself(world, language):
    client = caller()
    client.cookies["django_language"] = language
    assert leaks(client, world) == []
    offered = "".join(each.title + each.text for each in offers_of(world.enterprise))
    for private in ("contact_name", "contact_phone", "head_name", "union_head", "studios-leader-1", "note"):
        assert f"暗记{private}" not in offered


def test_only_what_was_let_through_is_seen_and_only_while_it_may_be(
    world, django_capture_on_commit_callbacks
):
    office, later = factories.hat("office"), world.now + timedelta(minutes=1)
    studio, declined, waiting = put_out(
        world, item(world, "studio"), item(world, "studio", 1), item(world, "result", 1)
    )
    introduction, picture, figure, gone = put_out(
        world,
        item(world, "introduction"),
        item(world, "picture"),
        item(world, "figure"),
        item(world, "result"),
    )
    client = Client(headers={"host": "testserver"})
    assert leaks(client, world) == []
    with django_capture_on_commit_callbacks(execute=True):
        decide_releases([studio, introduction, picture, figure, gone], approve=True, by=office, now=later)
        decide_releases([declined], approve=False, reason="演示", by=office, now=later)
    shown = {*_said(studio), *_said(introduction), *_said(figure)}
    assert leaks(client, world, {*shown, *_said(gone)}) == []
    page = client.get(reverse("awards:exhibit", args=[world.enterprise.pk])).content.decode()
    assert studio.title in page and gone.title in page and waiting.title not in page
    large = client.get(reverse("awards:exhibit_picture", args=[picture.pk, "large"]))
    assert large.status_code == 200 and "暗记".encode() not in large.content

    with django_capture_on_commit_callbacks(execute=True):
        withdraw(gone, reason="演示", by=office, now=later)
        withdraw(picture, reason="演示", by=office, now=later)
    # The pages asked for above are kept in this process; not one second longer.
    assert leaks(client, world, shown) == []
    assert client.get(reverse("awards:exhibit_picture", args=[picture.pk, "large"])).status_code == 404
    page = client.get(reverse("awards:exhibit", args=[world.enterprise.pk])).content.decode()
    data = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert "image" not in data and studio.title in page and gone.title not in page
    # What was shown is found by its words, what was taken back is not.
    hall = reverse("awards:exhibition")
    assert world.enterprise.name in client.get(hall, {"q": studio.title}).content.decode()
    assert world.enterprise.name not in client.get(hall, {"q": gone.title}).content.decode()


def _said(row: Release) -> list[str]:
    """The sentinels a release shows, as the declaration holds them."""
    text = f"{row.title}\n{row.text}".replace(",", "")
    return [value for values in _answers(row) for value in values if value in text]


def _answers(row: Release):
    declaration = row.enterprise.nominations.get(honoured__isnull=False).declaration
    for value in [*declaration.answers.values(), declaration.deeds]:
        yield (
            [str(each) for line in value for each in line.values()]
            if isinstance(value, list)
            else [str(value)]
        )
