"""An enterprise with a full declaration and photographs, publicly named, and what it released of them."""

import io
from datetime import date

from django.core.files.base import ContentFile
from PIL import ExifTags, Image

from awards.models import Release
from awards.services.deciding_releases import decide_releases
from awards.services.release_sources import offers_of
from awards.services.releasing import Item, release
from nominations.models import Evidence
from tests import factories
from tests.moments import NOW

ANSWERS = {
    "studios": [
        {"name": "海风焊接创新工作室", "level": "市级", "leader": "领衔人甲", "members": 12},
        {"name": "潮汐数控创新工作室", "level": "企业级", "leader": "领衔人乙", "members": 6},
    ],
    "awards": [{"name": "抗盐雾涂层工艺", "award": "一等奖", "issuer": "演示协会"}],
    "summary": "全员提建议，班组做改进。联系人手机13900000001，邮箱 who@example.invalid。",
    "results": 36,
    "mentoring": 20,
    "benefit": "1200000",
    "period": "2025年度",
    "head_name": "法人代表丙",
    "union_head": "工会主席丁",
}


def photograph(text: str = "", *, size=(2400, 1600), colour=(120, 140, 160)) -> ContentFile:
    """A JPEG whose EXIF says `text`."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = text
    exif[ExifTags.Base.Artist] = text
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif, comment=text.encode())
    return ContentFile(out.getvalue(), name="IMG_2031.jpg")


def named(
    n: int | None = None,
    *,
    account: bool = True,
    host="city",
    pictures: int = 1,
    category=None,
    subject: str = "",
    year: int = 2026,
    **declared,
):
    """The enterprise: named by the host's office on 1 June of the year from a declaration of its own."""
    company = factories.enterprise(n, account=account)
    edition = factories.edition(host=host, year=year, **({"category": category} if category else {}))
    nomination = factories.nomination(edition, company, state="named", **{"answers": ANSWERS, **declared})
    if subject:
        type(nomination).objects.filter(pk=nomination.pk).update(subject_name=subject)
    office = factories.hat("office", host)
    factories.honour(
        company,
        nomination=nomination,
        host=edition.host,
        year=year,
        number=f"演示-{company.pk}-{nomination.pk}",
        industry="制造业",
        named_on=date(year, 6, 1),
        named_by=office,
    )
    for number in range(pictures):
        Evidence.objects.create(
            nomination=nomination,
            kind=Evidence.Kind.PHOTO,
            title=f"车间照片{number + 1}",
            file=photograph("镜头背后的话", colour=(90 + 40 * number, 140, 160)),
            thumbnail=photograph(size=(360, 240)),
            mime="image/jpeg",
            size=1,
            sha256=str(number),
            uploaded_at=NOW,
            uploaded_by=office,
        )
    return company


def speaker(company):
    """Who releases for it."""
    if company.organisation_id:
        return factories.hat("applicant", company.organisation)
    return factories.hat("recommender")


def offered(company, kind: str, part: str = ""):
    return [each for each in offers_of(company) if each.kind == kind and part in each.title + each.text]


def released(company, kind: str, part: str = "", *, now=NOW, **words) -> Release:
    """The first offer of a kind, in its own words unless others are given."""
    offer = offered(company, kind, part)[0]
    item = Item(offer.key, **({"title": offer.title, "text": offer.text, "alt": "车间一角"} | words))
    consent = "" if company.organisation_id else "演示同意函"
    return release(company, items=[item], consent=consent, by=speaker(company), now=now)[0]


def approved(company, kind: str, part: str = "", *, by=None, now=NOW, **words) -> Release:
    row = released(company, kind, part, now=now, **words)
    by = by or factories.hat("office", company.honours.first().host)
    return decide_releases([row], approve=True, by=by, now=now)[0]
