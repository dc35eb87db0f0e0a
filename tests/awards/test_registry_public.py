"""What the public surfaces of the 名录 say, and what they never do."""

import io
import json
import re
from datetime import date
from xml.etree import ElementTree

import openpyxl
import pytest
from django.urls import reverse

from awards.models import Honour
from awards.services import naming, registry
from awards.structured import award
from nominations.models import Edition
from portal.views.crawlers import SITEMAPS
from tests.awards.listed import listed, one
from tests.awards.stage import AFTER, ids, office_of, published

pytestmark = pytest.mark.django_db

#: Every public surface that tells of namings.
SURFACES = {
    "page": "/awards/registry/?q={name}",
    "list": "/awards/registry/",
    "print": "/awards/registry/print/",
    "export": "/awards/registry/export/",
    "feed": "/awards/registry/feed/",
    "feed of the district": "/awards/registry/feed/?district={district}",
    "sitemap": "/sitemap.xml",
}


def said(client, surface, honour) -> str:
    address = SURFACES[surface].format(name=honour.subject_name, district=honour.division_name)
    answer = client.get(address)
    assert answer.status_code == 200
    if surface != "export":
        # What was asked for stands in the field.
        return re.sub(
            r'<input class="form-control"[^>]*>|<link rel="canonical"[^>]*>', "", answer.content.decode()
        )
    return "\n".join(str(row) for row in rows_of(answer.content))


def rows_of(content) -> list[tuple]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def structured(page: str) -> dict:
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    return json.loads(block[1])


@pytest.fixture
def edition():
    edition = published().edition
    medals = {ids(edition, 1)[0]: ("演示奖章人", "head", "演示董事长")}
    naming.name_winners(edition, decision="演示号", medals=medals, by=office_of(edition), now=AFTER)
    return edition


def test_a_naming_of_an_edition_that_is_not_published_is_on_no_surface(client, edition):
    one("x", number="演示常在", year=2024)
    named = Honour.objects.filter(nomination__edition=edition)
    honour = named.order_by("pk").first()
    for surface in SURFACES:
        shown = said(client, surface, honour)
        assert ("?year=2026" if surface == "sitemap" else honour.number) in shown, surface
    Edition.objects.filter(pk=edition.pk).update(published=False)
    registry._turn()
    SITEMAPS.clear()
    for surface in SURFACES:
        shown = said(client, surface, honour)
        for secret in (honour.number, honour.subject_name, honour.token, "?year=2026"):
            assert secret not in shown, (surface, secret)
    # An enterprise's page in the exhibition goes with its only naming.
    assert registry.facets().years == (2024,)


def test_no_surface_says_anything_of_a_person(client, edition):
    honour = Honour.objects.get(medal_name="演示奖章人")
    nomination = honour.nomination
    private = ["演示奖章人", "演示董事长", honour.enterprise.credit_code, str(honour.named_by.user)]
    private += [getattr(nomination.declaration, "contact_phone", "") or "13800000000"]
    for surface in SURFACES:
        shown = said(client, surface, honour)
        for word in private:
            assert word not in shown, (surface, word)


def test_what_machines_read(client):
    listed()
    page = client.get(reverse("awards:registry")).content.decode()
    data = structured(page)
    assert (data["@context"], data["@type"], data["numberOfItems"]) == ("https://schema.org", "ItemList", 5)
    things = [each["item"] for each in data["itemListElement"]]
    # One that is revoked holds no award.
    assert [each["name"] for each in things] == [
        "演示山泉食品（演示）",
        "演示海风机械（演示）",
        "演示快换夹具",
        "演示海风软件（演示）",
    ]
    assert [each["@type"] for each in things] == [
        "Organization",
        "Organization",
        "CreativeWork",
        "Organization",
    ]
    assert things[0]["award"] == "2025 演示年度称号 (区市级)"
    # a title that names its year
    assert award(one("z", title="2025年度演示称号", number="演示又一")) == "2025年度演示称号 (市级)"
    assert things[2]["creator"]["name"] == "演示海风机械（演示）"


def test_nothing_in_a_name_ends_the_block(client):
    hostile = '</script><script>alert(1)</script>&"\\<!--'
    one("x", name=hostile, number='<b>"1')
    page = client.get(reverse("awards:registry")).content.decode()
    assert "<script>alert" not in page and "<b>" not in page and "<!--" not in page
    assert structured(page)["itemListElement"][0]["item"]["name"] == hostile


def test_the_workbook_has_the_public_columns_and_no_formula(client):
    listed("acde")
    one("x", name="=HYPERLINK(1)", number="+1+1", year=2020, title="@演示")
    answer = client.get(reverse("awards:registry_export"))
    assert answer.headers["Content-Disposition"].startswith("attachment") and not answer.cookies
    rows = rows_of(answer.content)
    head = next(row for row in rows if "名称" in row)
    assert head == (
        *("序号", "名称", "所在企业", "类别", "年度", "级别", "称号", "所属区市", "所属行业"),
        *("命名单位", "命名编号", "命名文号", "命名日期", "撤销日期"),
    )
    body = rows[rows.index(head) + 1 :]
    assert [row[10] for row in body] == ["演崂2025-3", "演市2025-1", "演成2025-1", "演市2023-2", "+1+1"]
    assert body[2][1:3] == ("演示快换夹具", "演示海风机械（演示）")
    assert (body[4][1], body[4][6]) == ("=HYPERLINK(1)", "@演示")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_printed_list_is_whole_and_says_what_it_is(client, monkeypatch):
    for n in range(60):
        one(n, number=f"演示编号{n:03}")
    address = reverse("awards:registry_print")
    page = client.get(address, {"year": "2025", "standing": "1"}).content.decode()
    assert page.count("演示编号") == 60 and "2025 · 不含已撤销" in page and "共 60 家次" in page
    assert "table-cards" not in page and 'content="noindex"' in page
    monkeypatch.setattr("awards.views.registry.MOST_PRINTED", 10)
    page = client.get(address, {"year": "2025"}).content.decode()
    assert page.count("演示编号") == 10 and "只列出前 10 条" in page


def test_the_feed_tells_the_newest_first_and_says_what_was_revoked(client):
    listed()
    feed = client.get(reverse("awards:honour_feed"))
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    titles = re.findall(r"<title>(.*?)</title>", feed.content.decode())[1:]
    assert len(titles) == 5 and titles[-1].startswith("已撤销：演示松林纺织（演示）：2023")
    assert "演示快换夹具（演示海风机械（演示））：2025 演示年度称号（市级）" in titles
    of_one = client.get(reverse("awards:honour_feed"), {"district": "崂山区", "level": "district", "q": "x"})
    assert re.findall(r"<title>(.*?)</title>", of_one.content.decode())[1:] == [
        "演示山泉食品（演示）：2025 演示年度称号（区市级）"
    ]
    one("y", number="演示 无证", token=None, named_on=date(2025, 12, 31))
    registry._turn()
    assert "/awards/registry/?q=%E6%BC%94" in client.get(reverse("awards:honour_feed")).content.decode()


def test_a_character_that_xml_does_not_allow_does_not_end_the_feed(client):
    listed("d")
    Honour.objects.update(revoked_reason="演示\x0b弄虚\x01作假\ufffe", title="演示\x1f称号")
    feed = client.get(reverse("awards:honour_feed"))
    assert feed.status_code == 200
    words = "".join(ElementTree.fromstring(feed.content).itertext())
    assert "演示弄虚作假" in words and "演示称号" in words


def test_the_sitemap_has_what_is_public_and_nothing_else(client, edition):
    one("x", number="演示常在", year=2024)
    notice = edition.notices.get()
    found = re.findall(r"<loc>http://testserver(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    assert set(found) >= {
        "/awards/registry/",
        "/awards/registry/?year=2026",
        "/awards/registry/?year=2024",
        reverse("awards:notice", args=[notice.pk]),
    }
    for address in found:
        assert client.get(address).status_code == 200, address
        assert may_read(client, address), address


def may_read(client, address) -> bool:
    """By RFC 9309: the longest rule that fits holds."""
    rules = re.findall(r"^(Allow|Disallow): (.*)$", client.get("/robots.txt").content.decode(), re.M)
    fitting = [
        (len(path), word == "Allow")
        for word, path in rules
        if re.match(re.escape(path).replace(r"\*", ".*").replace(r"\$", "$"), address)
    ]
    return max(fitting)[1]


#: Addresses a robot may not read, beside every page of those at work.
SHUT = (
    *("/awards/registry/print/?q=x", "/awards/registry/export/", "/awards/verify/abc/", "/vote/lookup/"),
    *("/vote/inbox/", "/vote/5/mine/", "/vote/receipt/abc/", "/accounts/login/", "/editions/", "/metrics"),
    *("/awards/notices-of-others/", "/ballot/5/", "/admin/", "/awards/objections/status/", "/record/"),
)


def test_what_a_robot_may_read(client):
    assert [address for address in SHUT if may_read(client, address)] == []
    for address in ("/", "/awards/registry/?year=2026", "/awards/notices/5/", "/vote/5/", "/sitemap.xml"):
        assert may_read(client, address), address


def test_the_sitemap_is_kept(client, django_assert_num_queries):
    listed("a")
    client.get("/sitemap.xml")
    with django_assert_num_queries(0):
        answer = client.get("/sitemap.xml", {"p": "x"})
    assert answer.status_code == 200 and "<lastmod>2025-12-20</lastmod>" in answer.content.decode()


def test_robots_may_read_the_public_pages_and_no_others(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/robots.txt")
    lines = answer.content.decode().splitlines()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert lines[0] == "User-agent: *" and lines[-1] == "Sitemap: http://testserver/sitemap.xml"
    assert {"Allow: /$", "Allow: /awards/registry/", "Allow: /awards/notices/", "Disallow: /"} <= set(lines)
    assert {"Disallow: /awards/registry/print/", "Disallow: /awards/registry/export/"} <= set(lines)


def test_home_leads_to_the_registry(client):
    page = client.get("/").content.decode()
    assert 'href="/awards/registry/"' in page and "名录" in page
