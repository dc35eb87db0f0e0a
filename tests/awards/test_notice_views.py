"""The pages of publicity in depth: corrections, look-ups, templates, the public list and feed."""

import io
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from awards.models import Look, Notice, PaperTemplate
from portal.documents import pdf
from portal.models import CalendarYear
from tests import factories as make
from tests.awards.stage import PUBLISHING, at_rank, ids, office_of, published, visited
from tests.awards.test_correcting import DEPARTS, correct
from tests.awards.test_templates import WHOLE, docx
from tests.review.papers import picture

pytestmark = pytest.mark.django_db

DURING = PUBLISHING + timedelta(days=1)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: DURING)
    cache.clear()


def address(name, *args):
    return reverse(f"awards:{name}", args=args)


def text(answer) -> str:
    return answer.content.decode()


# 更正


def test_a_correction_is_prepared_by_numbers_confirmed_with_its_diff_and_published_once(client):
    notice = published((1, 2, 3))
    edition = notice.edition
    first, second, third = ids(edition, 1, 2, 3)
    make.sign_in(client, office_of(edition))
    page = text(client.get(address("correct_notice", notice.pk)))
    assert f'name="at_{first}" value="1"' in page and f'name="at_{third}"' in page
    numbers = {f"at_{first}": 1, f"at_{second}": "", f"at_{third}": 2}
    confirm = text(client.get(address("correct_notice", notice.pk), numbers))
    assert f"撤下：{at_rank(edition, 2).subject_name}" in confirm
    assert f"列入：{at_rank(edition, 3).subject_name}" in confirm
    assert "公示期重新计算" in confirm and "至2026年10月9日 (周五) 24:00止" in confirm
    data = {"chosen": [first, third], "reason": "演示更正"}
    missing = client.post(address("correct_notice", notice.pk), data)
    assert {"departs", "minute"} <= set(missing.context["form"].errors)
    for _click in range(2):
        answer = client.post(address("correct_notice", notice.pk), data | DEPARTS)
        assert answer.url == address("publicity", edition.pk)
    assert Notice.objects.filter(edition=edition).count() == 2


@pytest.mark.parametrize("numbers, says", [((1, 1, ""), "已给"), (("", "", ""), "至少")])
def test_numbers_given_twice_or_not_at_all_are_said(client, numbers, says):
    notice = published((1, 2, 3))
    make.sign_in(client, office_of(notice.edition))
    pks = ids(notice.edition, 1, 2, 3)
    given = {f"at_{pk}": number for pk, number in zip(pks, numbers, strict=True)}
    assert says in text(client.get(address("correct_notice", notice.pk), given))


def test_who_may_correct(client):
    notice = published()
    assert client.get(address("correct_notice", notice.pk)).status_code == 302
    for worn in (make.hat("auditor"), make.hat("office", "市南区"), make.hat("recommender")):
        make.sign_in(client, worn)
        assert client.get(address("correct_notice", notice.pk)).status_code == 403
        assert client.post(address("correct_notice", notice.pk)).status_code == 403


def test_the_earlier_version_stays_marked_and_leads_to_the_newer(client):
    notice = published((1, 2, 3))
    new = correct(notice, 1, 3, now=DURING, **DEPARTS)
    old_page = text(client.get(address("notice", notice.pk)))
    assert "这份公示已更正" in old_page and address("notice", new.pk) in old_page
    assert address("object", notice.pk) not in old_page
    assert at_rank(notice.edition, 2).subject_name in old_page
    page = text(client.get(address("notice", new.pk)))
    assert "演示" in page and f"撤下：{at_rank(notice.edition, 2).subject_name}" in page
    assert address("notice", notice.pk) in page and address("object", new.pk) in page
    for pk in (notice.pk, new.pk):
        for name in ("notice_document", "notice_export", "notice_print"):
            assert client.get(address(name, pk)).status_code == 200


def test_a_provisional_period_is_marked_until_the_year_is_confirmed(client):
    notice = published()
    CalendarYear.objects.filter(year=2026).update(provisional=True)
    make.sign_in(client, office_of(notice.edition))
    assert "放假安排为暂定" in text(client.get(address("publicity", notice.edition_id)))
    CalendarYear.objects.filter(year=2026).update(provisional=False)
    assert "放假安排为暂定" not in text(client.get(address("publicity", notice.edition_id)))


# 复核记录


def test_look_ups_are_entered_for_several_at_once_and_kept_with_their_paper(client):
    edition = visited()
    make.sign_in(client, office_of(edition))
    given = {
        "nominations": ids(edition, 1, 2),
        "items": ["abnormal", "fraud"],
        "looked_up_on": "2026-09-24",
        "source": "演示公示系统",
        "clear": "yes",
        "paper": picture(),
    }
    assert client.post(address("looks", edition.pk), given).status_code == 302
    assert Look.objects.count() == 4
    page = text(client.get(address("looks", edition.pk)))
    assert "演示公示系统" in page and "2026年11月23日" in page
    paper = client.get(address("look_paper", Look.objects.first().pk))
    assert paper.status_code == 200 and paper["Content-Type"] == "image/png"
    bad = client.post(address("looks", edition.pk), {**given, "clear": "no", "paper": picture()})
    assert "写明是什么问题" in text(bad) and Look.objects.count() == 4


def test_the_auditor_reads_look_ups_and_enters_none(client):
    edition = visited()
    make.sign_in(client, make.hat("auditor"))
    page = client.get(address("looks", edition.pk))
    assert page.status_code == 200 and "<form" not in text(page).split("<main")[1]
    assert client.post(address("looks", edition.pk), {}).status_code == 403


def test_the_look_page_takes_a_constant_number_of_queries(client, django_assert_max_num_queries):
    make.sign_in(client, make.hat("office"))
    counts = []
    for ranks in ((1, 2), (1, 2, 3, 4, 5, 6, 7, 8)):
        edition = visited(ranks)
        client.get(address("looks", edition.pk))
        with django_assert_max_num_queries(60) as seen:
            client.get(address("looks", edition.pk))
        counts.append(len(seen))
    assert counts[0] == counts[1]


# 文件模板


def test_a_template_goes_from_the_page_into_use_and_back(client):
    make.sign_in(client, make.hat("office"))
    assert "公示公告" in text(client.get(address("templates")))
    ours = client.get(address("template_source", "notice", 0))
    assert ours.status_code == 200 and ours.content.startswith(b"PK")
    bad = SimpleUploadedFile("a.docx", docx("{{ period"))
    refused = client.post(address("template_kind", "notice"), {"file": bad})
    assert "没有通过试用" in text(refused) and not PaperTemplate.objects.exists()
    good = SimpleUploadedFile("a.docx", docx(*WHOLE))
    assert client.post(address("template_kind", "notice"), {"file": good}).status_code == 302
    assert client.get(address("template_example", "notice", 1)).content.startswith(b"PK")
    client.post(address("template_use", "notice", 1))
    assert PaperTemplate.objects.get().active
    client.post(address("template_use", "notice", 0))
    assert not PaperTemplate.objects.get().active
    for kind in ("nothing", "../x"):
        assert client.get(f"/templates/{kind}/").status_code == 404
    assert client.get(address("template_source", "notice", 7)).status_code == 404


def test_templates_are_each_offices_own(client):
    make.sign_in(client, make.hat("office"))
    client.post(address("template_kind", "notice"), {"file": SimpleUploadedFile("a.docx", docx(*WHOLE))})
    make.sign_in(client, make.hat("office", "市南区"))
    assert client.get(address("template_source", "notice", 1)).status_code == 404
    assert client.post(address("template_use", "notice", 1)).status_code == 404


# 公众


def test_the_public_list_and_feed_show_published_editions_alone(client):
    shown, hidden = published(), published(published=False)
    page = text(client.get(address("notices")))
    assert shown.title in page and address("notice", shown.pk) in page
    assert address("notice", hidden.pk) not in page
    feed = client.get(address("notice_feed"))
    assert feed["Content-Type"].startswith("application/atom+xml") and "max-age=300" in feed["Cache-Control"]
    entries = ElementTree.fromstring(feed.content).findall(f"{ATOM}entry")
    assert [each.find(f"{ATOM}title").text for each in entries] == [shown.title]
    summary = entries[0].find(f"{ATOM}summary").text
    assert summary.endswith("<p>公示期至2026年10月9日（周五）24:00止。</p>")
    assert entries[0].find(f"{ATOM}link").get("href") == f"http://testserver{address('notice', shown.pk)}"


def test_a_character_that_xml_does_not_allow_does_not_end_the_feed(client):
    notice = published()
    Notice.objects.filter(pk=notice.pk).update(title="演示\x0b公示\x01")
    feed = client.get(address("notice_feed"))
    assert feed.status_code == 200
    assert ElementTree.fromstring(feed.content).find(f"{ATOM}entry/{ATOM}title").text == "演示公示"


def test_a_correction_is_an_entry_of_its_own_and_the_list_says_which_counts(client):
    notice = published()
    correct(notice, 1, 2, now=DURING)
    entries = ElementTree.fromstring(client.get(address("notice_feed")).content).findall(f"{ATOM}entry")
    assert [each.find(f"{ATOM}title").text.endswith("（更正）") for each in entries] == [True, False]
    page = text(client.get(address("notices")))
    assert page.count("已更正") == 1
    assert "已更正" not in text(client.get(address("notices"), {"running": 1}))


def test_the_public_list_takes_a_constant_number_of_queries(client, django_assert_max_num_queries):
    counts = []
    for _round in range(2):
        published()
        client.get(address("notices"))
        with django_assert_max_num_queries(20) as seen:
            client.get(address("notices"))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_end_reads_the_same_on_page_paper_table_and_feed(client):
    notice = published()
    page = text(client.get(address("notice", notice.pk)))
    assert 'datetime="2026-10-10T00:00+08:00">2026年10月9日 (周五) 24:00' in page
    assert "至2026年10月9日（周五）24:00止" in page
    sheet = load_workbook(io.BytesIO(client.get(address("notice_export", notice.pk)).content)).active
    assert "公示截止：2026年10月9日（周五）24:00" in str([cell.value for cell in sheet["A"]])


@pytest.mark.skipif(not pdf.available(), reason="this machine sets no PDF")
def test_the_pdf_is_the_notice_and_set_once(client):
    notice = published()
    first = client.get(address("notice_print", notice.pk))
    assert first["Content-Type"] == "application/pdf" and first.content.startswith(b"%PDF-")
    at_rank(notice.edition, 1)
    assert client.get(address("notice_print", notice.pk)).content == first.content
