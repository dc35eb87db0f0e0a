"""The public 展馆: who stands in it, in which order, what a page says, what it costs."""

import json
import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse, reverse_lazy
from django.utils import translation

from awards.models import Honour, Release
from awards.services import exhibition
from awards.services.deciding_releases import decide_releases
from awards.services.registry import Search
from awards.services.releasing import withdraw
from awards.todos import todos
from awards.views.exhibition import AROUND, EXHIBITS, HALLS
from nominations.models import Edition
from tests import factories
from tests.awards import exhibits
from tests.moments import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
HALL = reverse_lazy("awards:exhibition")


def page_of(client, company, **more):
    return client.get(reverse("awards:exhibit", args=[company.pk]), **more)


def words_of(answer) -> str:
    return answer.content.decode()


def linked(answer) -> dict:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', words_of(answer))
    return json.loads(found[1])


class TestHall:
    def test_who_shows_pictures_first_then_who_shows_anything_then_the_rest(self, client):
        silent, telling, pictured = (exhibits.named() for _each in range(3))
        exhibits.approved(telling, "introduction")
        exhibits.approved(pictured, "picture")
        answer = client.get(HALL)
        assert [each.enterprise for each in answer.context["cards"]] == [pictured, telling, silent]
        assert answer.context["totals"] == {"enterprises": 3, "releases": 2}
        assert 'alt="车间一角"' in words_of(answer)
        assert f"{HALL}pictures/{pictured.releases.get().pk}/small/" in words_of(answer)
        assert "全员提建议，班组做改进。" in words_of(answer)

    def test_halls_by_district_level_year_and_industry(self, client):
        here, there = exhibits.named(), exhibits.named(host="市北区")
        Honour.objects.filter(enterprise=there).update(
            division_name="市北区", level="district", year=2025, industry="软件业"
        )
        halls = {name: lines for name, _title, lines in exhibition.halls()}
        assert halls == {
            "district": [("市北区", "市北区", 1), ("市南区", "市南区", 1)],
            "level": [("city", "市级", 1), ("district", "区市级", 1)],
            "year": [("2026", "2026", 1), ("2025", "2025", 1)],
            "industry": [("制造业", "制造业", 1), ("软件业", "软件业", 1)],
        }
        for query in ("district=市北区", "level=district", "year=2025", "industry=软件业"):
            cards = client.get(f"{HALL}?{query}").context["cards"]
            assert [each.enterprise for each in cards] == [there], query
        assert list(exhibition.named(Search(district="市北区", year=2026))) == []
        assert here in exhibition.named(Search(level="city"))

    def test_a_search_finds_names_numbers_and_what_is_shown(self, client):
        company, other = exhibits.named(), exhibits.named()
        exhibits.approved(company, "studio", "海风")
        found = {
            word: [each.enterprise for each in client.get(HALL, {"q": word}).context["cards"]]
            for word in ("海风焊接", "潮汐", company.name, other.honours.get().number)
        }
        assert found == {
            "海风焊接": [company],
            "潮汐": [],
            company.name: [company],
            other.honours.get().number: [other],
        }

    def test_who_was_never_publicly_named_or_is_no_more_is_not_there(self, client):
        company, rehearsed = exhibits.named(), exhibits.named()
        Edition.objects.filter(nominations__enterprise=rehearsed).update(published=False)
        Honour.objects.filter(enterprise=company).update(revoked_on=NOW.date(), revoked_reason="演示")
        assert client.get(HALL).context["cards"] == []
        assert "展馆里还没有展位" in words_of(client.get(HALL))

    def test_the_same_number_of_queries_for_few_and_for_many(self, client, django_assert_num_queries):
        for size in (1, 5):
            for _each in range(size):
                exhibits.approved(exhibits.named(), "picture")
            HALLS.clear()
            AROUND.clear()
            with django_assert_num_queries(10):
                client.get(HALL)
            # Another page asks for what is found alone.
            with django_assert_num_queries(4):
                client.get(HALL, {"year": 2026})
            with django_assert_num_queries(0):
                client.get(HALL)

    def test_a_page_that_is_not_there_is_the_last_and_kept_once(self, client):
        exhibits.named()
        first = client.get(HALL)
        for number in (2, 99, 2000):
            answer = client.get(f"{HALL}?page={number}&year=&level=nonsense&standing=1")
            assert (answer.status_code, answer.content) == (200, first.content)
        assert len(HALLS) == 1

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("district=没有区", "没有区"),
            ("year=1990", "1990"),
            ("category=nothing", "nothing"),
            ("industry=没有行业&year=2026", "2026 · 没有行业"),
            ("level=district&q=没有", "区市级 “没有”"),
        ],
    )
    def test_who_finds_nothing_reads_what_was_asked_and_the_way_back(self, client, query, said):
        exhibits.named()
        page = words_of(client.get(f"{HALL}?{query}"))
        assert "没有找到符合条件的企业" in page and "展馆里还没有展位" not in page
        assert f'<h2 id="found">{said}</h2>' in page and f'<a href="{HALL}">看全部</a>' in page

    def test_the_category_goes_along(self, client, monkeypatch):
        monkeypatch.setattr(exhibition, "PER_PAGE", 1)
        company, _other = exhibits.named(), exhibits.named()
        category = company.honours.get().category
        page = words_of(client.get(f"{HALL}?category={category.code}&standing=1"))
        assert f'<h2 id="found">{category.name}</h2>' in page
        assert f'<input type="hidden" name="category" value="{category.code}">' in page
        assert f'<link rel="canonical" href="http://testserver{HALL}?category={category.code}">' in page
        assert f"?category={category.code}&amp;page=2" in page
        assert f"{HALL}?category={category.code}&amp;year=2026" in page


class TestExhibit:
    def test_everything_let_through_has_its_place(self, client):
        company = exhibits.named(pictures=2)
        for kind in ("introduction", "studio", "result", "figure", "picture"):
            exhibits.approved(company, kind)
        answer = page_of(client, company)
        words = words_of(answer)
        for said in ("全员提建议", "海风焊接创新工作室", "抗盐雾涂层工艺", "20 对", "车间一角"):
            assert said in words
        for kept in ("潮汐", "13900000001", "领衔人甲", "演示联系人", "19900000000", "车间照片"):
            assert kept not in words
        assert f"<h1>{company.name}</h1>" in words
        assert "经审核展示" in words
        picture = Release.objects.get(kind="picture")
        found = linked(answer)
        assert found["@type"] == "Organization" and len(found["award"]) == 1
        assert found["image"] == [f"http://testserver{HALL}pictures/{picture.pk}/large/"]
        assert f'property="og:image" content="{found["image"][0]}"' in words
        assert '<meta name="description" content="全员提建议' in words

    def test_who_shows_nothing_has_its_honours(self, client):
        words = words_of(page_of(client, exhibits.named()))
        assert "还没有授权公开展示内容" in words and "演示称号" in words and "og:image" not in words

    def test_a_revoked_one_says_so_and_shows_nothing(self, client):
        company = exhibits.named()
        exhibits.approved(company, "studio")
        company.honours.update(revoked_on=NOW.date(), revoked_reason="演示理由")
        answer = page_of(client, company)
        words = words_of(answer)
        assert "命名已全部撤销" in words and "演示理由" in words
        assert "海风" not in words and "award" not in linked(answer)

    def test_one_never_publicly_named_is_not_found(self, client):
        company = factories.enterprise()
        assert page_of(client, company).status_code == 404
        rehearsed = exhibits.named()
        Edition.objects.update(published=False)
        assert page_of(client, rehearsed).status_code == 404

    def test_the_same_number_of_queries_for_little_and_for_much(self, client, django_assert_num_queries):
        company = exhibits.named(pictures=3)
        for kinds in (("studio",), ("introduction", "result", "figure", "picture")):
            for kind in kinds:
                exhibits.approved(company, kind)
            EXHIBITS.clear()
            with django_assert_num_queries(5):
                page_of(client, company)
            with django_assert_num_queries(0):
                page_of(client, company)

    def test_names_cannot_end_a_block_of_data(self, client):
        company = exhibits.named()
        type(company).objects.filter(pk=company.pk).update(name="</script><b>演示")
        answer = page_of(client, company)
        assert linked(answer)["name"] == "</script><b>演示"
        assert "<b>演示" not in words_of(answer)

    def test_in_english_too(self, client):
        company = exhibits.named()
        exhibits.approved(company, "studio", "海风")
        with translation.override("en"):
            client.cookies["django_language"] = "en"
            assert "海风焊接创新工作室" in words_of(page_of(client, company))
            assert client.get(HALL).status_code == 200


class TestPicture:
    def test_it_is_there_while_it_may_be_seen_and_not_a_second_longer(self, client):
        row = exhibits.approved(exhibits.named(), "picture")
        address = reverse("awards:exhibit_picture", args=[row.pk, "small"])
        answer = client.get(address)
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        etag = answer.headers["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
        assert client.get(reverse("awards:exhibit_picture", args=[row.pk, "large"])).headers["ETag"] != etag
        withdraw(row, reason="演示", by=factories.hat("office"), now=LATER)
        assert client.get(address).status_code == 404
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 404

    @pytest.mark.parametrize("state", ["waiting", "declined", "revoked", "unpublished"])
    def test_it_is_not_there_before_or_after(self, client, state):
        company = exhibits.named()
        row = exhibits.released(company, "picture")
        office = factories.hat("office")
        if state == "declined":
            decide_releases([row], approve=False, reason="演示", by=office, now=LATER)
        if state in ("revoked", "unpublished"):
            decide_releases([row], approve=True, by=office, now=LATER)
        if state == "revoked":
            company.honours.update(revoked_on=NOW.date(), revoked_reason="演示")
        if state == "unpublished":
            Edition.objects.update(published=False)
        for size in ("small", "large"):
            assert client.get(reverse("awards:exhibit_picture", args=[row.pk, size])).status_code == 404

    def test_what_is_no_picture_has_none(self, client):
        row = exhibits.approved(exhibits.named(), "studio")
        assert client.get(reverse("awards:exhibit_picture", args=[row.pk, "large"])).status_code == 404
        assert client.get(f"{HALL}pictures/{row.pk}/huge/").status_code == 404


class TestAtWork:
    def test_an_enterprise_chooses_and_the_office_lets_through(self, client):
        company = exhibits.named()
        offer, picture = exhibits.offered(company, "studio")[0], exhibits.offered(company, "picture")[0]
        mine, office = exhibits.speaker(company), factories.hat("office")
        factories.sign_in(client, mine)
        address = reverse("awards:release", args=[company.pk])
        words = words_of(client.get(address))
        assert "领衔人甲" not in words and "13900000001" not in words
        studio, photo = offer.key.replace(".", "-"), picture.key.replace(".", "-")
        given = {f"pick-{studio}": "on", f"title-{studio}": "海风工作室", f"text-{studio}": "市级"}
        answer = client.post(address, given | {f"pick-{photo}": "on"})
        assert "请用一句话写明图中是什么" in words_of(answer) and not Release.objects.exists()
        answer = client.post(
            address, given | {f"pick-{photo}": "on", f"alt-{photo}": "焊接工位"}, follow=True
        )
        assert "已提交 2 项" in words_of(answer) and "等待审核" in words_of(answer)
        assert "要改内容，请先撤回" in words_of(client.get(address))

        factories.sign_in(client, office)
        (line,) = [each for each in todos(office, now=NOW) if each.verb == "审核展馆内容"]
        assert (line.object, line.count) == (company.name, 2)
        words = words_of(client.get(line.url))
        assert "海风工作室" in words and "级别：市级" in words and "焊接工位" in words
        one, two = Release.objects.order_by("kind")
        answer = client.post(line.url, {"releases": [one.pk], "decision": "no", "reason": ""})
        assert "请写明不同意的理由" in words_of(answer)
        assert client.get(reverse("awards:release_picture", args=[one.pk, "small"])).status_code == 200
        client.post(line.url, {"releases": [one.pk, two.pk], "decision": "yes"})
        assert Release.objects.public().count() == 2
        client.logout()
        assert "海风工作室" in words_of(page_of(client, company))

    def test_what_was_withdrawn_meanwhile_cannot_be_let_through(self, client):
        company = exhibits.named()
        row = exhibits.released(company, "studio")
        withdraw(row, reason="演示", by=exhibits.speaker(company), now=LATER)
        factories.sign_in(client, factories.hat("office"))
        answer = client.post(reverse("awards:releases_waiting"), {"releases": [row.pk], "decision": "yes"})
        assert "已被撤回或者已经审核" in words_of(answer)

    def test_withdrawing_asks_first_and_wants_a_reason(self, client):
        row = exhibits.approved(exhibits.named(), "studio")
        factories.sign_in(client, exhibits.speaker(row.enterprise))
        address = reverse("awards:release_withdraw", args=[row.pk])
        assert "公开页面立即不再显示" in words_of(client.get(address))
        assert client.post(address, {"reason": ""}).status_code == 200
        assert client.post(address, {"reason": "不再使用"}).status_code == 302
        assert not Release.objects.public().exists()
        assert "不再使用" in words_of(client.get(reverse("awards:releases", args=[row.enterprise_id])))

    def test_the_union_needs_the_letter(self, client):
        company = exhibits.named(account=False)
        factories.sign_in(client, factories.hat("recommender"))
        offer = exhibits.offered(company, "studio")[0].key.replace(".", "-")
        address = reverse("awards:release", args=[company.pk])
        assert "企业同意公开的依据" in words_of(client.get(address))
        given = {f"pick-{offer}": "on", f"title-{offer}": "甲"}
        assert client.post(address, given).status_code == 200
        assert client.post(address, given | {"consent": "同意函"}).status_code == 302

    def test_nobody_else_finds_it(self, client):
        row = exhibits.released(exhibits.named(), "picture")
        strangers = (
            factories.hat("office", "市北区"),
            factories.hat("recommender", "市北区"),
            factories.hat("applicant", factories.enterprise(account=True).organisation),
            factories.hat("expert"),
            factories.hat("department"),
        )
        for hat in strangers:
            factories.sign_in(client, hat)
            for name, *args in (
                ("releases", row.enterprise_id),
                ("release", row.enterprise_id),
                ("release_withdraw", row.pk),
                ("release_picture", row.pk, "small"),
            ):
                assert client.get(reverse(f"awards:{name}", args=args)).status_code == 404, (hat, name)
            assert row.enterprise.name not in words_of(client.get(reverse("awards:releases_waiting")))

    def test_who_was_named_is_reminded_for_a_while(self):
        company = exhibits.named()
        mine = exhibits.speaker(company)

        def verbs(now):
            return [each.verb for each in todos(mine, now=now) if "展馆" in each.verb]

        assert verbs(LATER) == ["选择展馆展示内容"]
        assert verbs(LATER + timedelta(days=90)) == []
        exhibits.released(company, "studio")
        assert verbs(LATER) == []


def test_the_auditor_reads_and_does_nothing():
    row = exhibits.approved(exhibits.named(), "studio")
    with pytest.raises(PermissionDenied):
        withdraw(row, reason="演示", by=factories.hat("auditor"), now=LATER)
    assert row in Release.objects.visible_to(factories.hat("auditor"))
