"""What is found in the 名录: every way to look, and what strange callers send."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.forms.registry import read_search
from awards.services import registry
from awards.services.registry import Search
from portal.shelf import Shelf
from tests.awards.listed import ROWS, listed, one, result_category

pytestmark = pytest.mark.django_db
NUMBERS = {row["number"]: letter for letter, row in ROWS.items()}


def letters(asked: str) -> str:
    search, _page = read_search(QueryDict(asked))
    return "".join(NUMBERS[each.number] for each in registry.found(search))


#: What is asked for → who is found: the newest year first, then by number.
FOUND = {
    "": "caebd",
    "q=海风": "aeb",
    "q=海风+机械": "ae",
    "q=夹具": "e",
    "q=2025-": "cae",
    "q=演市2024": "b",
    "q=yanshi-a": "b",
    "q=YANSHI-A7": "b",
    "year=2025": "cae",
    "level=district": "c",
    "level=city": "aebd",
    "district=崂山区": "c",
    "industry=软件": "b",
    "category=RESULT": "e",
    "category=qycx": "cabd",
    "standing=1": "caeb",
    "q=海风&year=2025&category=qycx": "a",
    "level=city&standing=1&year=2023": "",
    "q=没有的": "",
    "district=海": "",
    "industry=软": "",
}


def test_what_is_found():
    listed()
    result = result_category().code
    assert {asked: letters(asked.replace("RESULT", result)) for asked in FOUND} == FOUND


@pytest.mark.parametrize(
    "asked, as_well_as",
    [
        ("q=%00海风%07", "q=海风"),
        ("q=　海风　　机械 ", "q=海风 机械"),
        ("year=abc&level=moon&page=-1&standing=yes", ""),
        ("year=99999999999999&page=1e9", ""),
        ("year=20 25", ""),
        ("year=1949&page=0", ""),
        ("colour=red", ""),
        ("q=" + "海" * 10_000, "q=" + "海" * 60),
        ("q=一 二 三 四 五 六", "q=一 二 三 四"),
        ("page=2001", "page=1"),
    ],
)
def test_what_comes_in_becomes_an_ordinary_search(asked, as_well_as):
    assert read_search(QueryDict(asked)) == read_search(QueryDict(as_well_as))


def test_a_sign_stands_for_itself(client):
    listed("a")
    one("s", name="演示100%_\\企业（演示）", number="演示特别")
    found = {}
    for sign in ("%", "_", "\\", "'", '"', ";--", "<script>", "\U0001f600", "%%", "0%_"):
        page = client.get(reverse("awards:registry"), {"q": sign}).content.decode()
        found[sign] = [number for number in ("演示特别", ROWS["a"]["number"]) if number in page]
        assert "<script>alert" not in page
    special = {"%": ["演示特别"], "_": ["演示特别"], "\\": ["演示特别"], "0%_": ["演示特别"]}
    assert found == {sign: [] for sign in found} | special


PAGES = ("registry", "registry_print", "registry_export", "honour_feed")
ASKED = ("", "q=%00&year=%F0&level[]=1&page=zz&district=%FF", "q=" + "%E6%B5%B7" * 3000, "q=没有的&year=2025")


def test_every_page_answers_whatever_is_asked(client):
    listed("a")
    for path in PAGES:
        for asked in ASKED:
            assert client.get(f"{reverse(f'awards:{path}')}?{asked}").status_code == 200, (path, asked[:60])


def test_figures_and_facets():
    listed()
    every = registry.figures(Search())
    assert (every.levels, every.total, every.revoked) == ((("city", 4), ("district", 1)), 5, 1)
    some = registry.figures(Search(words=("海风",)))
    assert (some.levels, some.total, some.revoked) == ((("city", 3),), 3, 0)
    facets = registry.facets()
    assert facets.years == (2025, 2024, 2023)
    assert facets.levels == ("city", "district")
    assert facets.districts == ("市南区", "崂山区")
    assert set(facets.industries) == {"装备制造", "软件"}
    assert [each.subject for each in facets.categories] == ["enterprise", "result"]
    assert facets.figures == every


def test_of_nothing_there_is_nothing_to_choose():
    facets = registry.facets()
    assert (facets.years, facets.levels, facets.industries, facets.categories) == ((), (), (), ())
    assert (facets.figures.total, facets.figures.revoked) == (0, 0)


def test_the_choices_are_asked_for_in_one_pass_and_counted_once_for_all_pages(
    client, django_assert_num_queries
):
    for n in range(51):
        one(n, number=f"演示编号{n:03}")
    with django_assert_num_queries(3):
        registry.facets()
    client.get(reverse("awards:registry"))
    with django_assert_num_queries(2):
        client.get(reverse("awards:registry"), {"page": "2"})
    client.get(reverse("awards:registry"), {"year": "2025"})
    with django_assert_num_queries(2):
        client.get(reverse("awards:registry"), {"year": "2025", "page": "2"})


WORDS = {
    "": "共 5 项命名：市级 4，区市级 1；其中已撤销 1",
    "category=qycx": "共 4 家次：市级 3，区市级 1；其中已撤销 1",
    "category=RESULT": "共 1 项",
    "q=海风&year=2025": "共 2 项命名",
    "q=没有的": "共 0 项命名",
}


def test_the_words_of_the_figures(client):
    listed()
    for asked, expected in WORDS.items():
        asked = asked.replace("RESULT", result_category().code)
        page = client.get(f"{reverse('awards:registry')}?{asked}").content.decode()
        assert f'role="status">{expected}</p>' in page, asked


def test_the_title_and_the_heading_follow_the_category(client):
    listed()
    page = client.get(reverse("awards:registry")).content.decode()
    assert "<h1>名录</h1>" in page and '<th scope="col">名称</th>' in page
    kind = result_category()
    page = client.get(reverse("awards:registry"), {"category": kind.code}).content.decode()
    assert f"<h1>{kind.name}名录</h1>" in page and '<th scope="col">成果名称</th>' in page
    # whose it is stands beneath it
    assert "演示快换夹具" in page and '<span class="beneath">演示海风机械（演示）</span>' in page


def test_the_name_of_the_naming_stands_and_the_name_of_now_beneath(client):
    honour = listed("a")["a"]
    honour.enterprise.name = "演示改名企业（演示）"
    honour.enterprise.save()
    page = client.get(reverse("awards:registry"), {"q": "改名"}).content.decode()
    assert "演示海风机械（演示）" in page and "现名：演示改名企业（演示）" in page


def test_one_revoked_is_shown_as_such(client):
    listed("d")
    page = client.get(reverse("awards:registry")).content.decode()
    assert "已撤销" in page and "2025年3月1日 (周六) 演示：弄虚作假" in page
    assert "没有找到" in client.get(reverse("awards:registry"), {"standing": "1"}).content.decode()


def test_fifty_a_page_and_a_page_past_the_end_is_the_last(client):
    for n in range(51):
        one(n, number=f"演示编号{n:03}")
    page = client.get(reverse("awards:registry")).content.decode()
    assert "演示编号049" in page and "演示编号050" not in page
    assert "?page=2" in page and "第 1 页，共 2 页" in page
    for number in ("2", "1999"):
        page = client.get(reverse("awards:registry"), {"page": number, "year": "2025"}).content.decode()
        assert "演示编号050" in page and "演示编号049" not in page
        assert "?year=2025&amp;page=1" in page


def test_as_many_questions_for_many_as_for_few(client):
    counts = []
    for numbers in (range(3), range(3, 45)):
        for n in numbers:
            one(n, number=f"演示编号{n:03}", division_name=f"演示区{n % 7}", industry=f"行业{n % 11}")
        for path in PAGES:
            for shelf in Shelf.every:
                shelf.clear()
            with CaptureQueriesContext(connection) as asked:
                assert client.get(reverse(f"awards:{path}"), {"year": "2025"}).status_code == 200
            counts.append(len(asked))
    assert counts[:4] == counts[4:] and max(counts) <= 10, counts


def test_an_english_reader_finds_the_same(client):
    listed()
    client.cookies["django_language"] = "en"
    page = client.get(reverse("awards:registry"), {"q": "海风"}).content.decode()
    assert '<html lang="en"' in page and ROWS["a"]["number"] in page
