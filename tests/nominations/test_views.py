"""Every page of the first step: who gets it, who does not, and that other districts find nothing."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from nominations import summary
from nominations.models import Edition, Nomination
from nominations.services.editions import freeze_rules
from nominations.services.evidence import attach_evidence
from portal.models import AuditEntry, User
from portal.workbook import write
from tests import factories

pytestmark = pytest.mark.django_db

# By hand: name of the page, what it is about, and what each hat gets.
#                        office  own   other  applicant  auditor  expert
PAGES = {
    ("editions", None): (200, 200, 200, 200, 200, 200),
    ("edition_new", None): (200, 403, 403, 403, 403, 403),
    ("edition", "edition"): (200, 200, 200, 200, 200, 200),
    ("edition_edit", "edition"): (200, 403, 403, 403, 403, 403),
    ("edition_publish", "edition"): (200, 403, 403, 403, 403, 403),
    ("quotas", "edition"): (200, 403, 403, 403, 403, 403),
    ("quotas_import", "edition"): (200, 403, 403, 403, 403, 403),
    ("quotas_form", "edition"): (200, 403, 403, 403, 403, 403),
    ("board", "edition"): (200, 403, 403, 403, 200, 403),
    ("board_export", "edition"): (200, 403, 403, 403, 200, 403),
    ("board_remind", "edition"): (200, 403, 403, 403, 403, 403),
    ("duplicates", "edition"): (200, 403, 403, 403, 200, 403),
    # Which two is not said.
    ("tell_apart", "edition"): (404, 403, 403, 403, 403, 403),
    ("conclude", "edition"): (200, 403, 403, 403, 403, 403),
    ("desk", "edition"): (200, 200, 200, 200, 200, 200),
    ("nomination_new", "edition"): (200, 200, 200, 200, 403, 403),
    ("look_up", "edition"): (200, 200, 200, 200, 403, 403),
    ("rank", "edition"): (404, 200, 200, 404, 404, 404),
    ("recommend", "edition"): (302, 302, 302, 302, 302, 302),
    ("close_recommendation", "edition"): (200, 403, 403, 403, 403, 403),
    ("import", "edition"): (200, 200, 200, 403, 403, 403),
    ("import_form", "edition"): (200, 200, 200, 403, 403, 403),
    ("export", "edition"): (200, 200, 200, 403, 403, 403),
    ("round", "edition"): (200, 200, 200, 403, 403, 403),
    ("round_out", "edition"): (200, 200, 200, 403, 403, 403),
    # Nothing was handed in yet: back to the edition, with a sentence.
    ("report_docx", "edition"): (404, 302, 302, 403, 403, 403),
    ("nomination", "nomination"): (200, 200, 404, 200, 200, 404),
    ("form_docx", "nomination"): (200, 200, 404, 200, 200, 404),
    ("form_pdf", "nomination"): (200, 200, 404, 200, 200, 404),
    ("form_print", "nomination"): (200, 200, 404, 200, 200, 404),
    ("nomination_edit", "nomination"): (200, 200, 404, 200, 403, 404),
    ("autosave", "nomination"): (405, 405, 405, 405, 405, 405),
    ("conflict", "nomination"): (302, 302, 404, 302, 403, 404),
    ("take_over", "nomination"): (405, 405, 405, 405, 405, 405),
    ("attach", "nomination"): (200, 200, 404, 200, 403, 404),
    ("submit", "nomination"): (200, 200, 404, 200, 403, 404),
    ("send_back", "nomination"): (200, 200, 404, 403, 403, 404),
    ("withdraw", "nomination"): (200, 200, 404, 200, 403, 404),
    ("evidence_view", "nomination"): (200, 200, 404, 200, 200, 404),
    ("evidence", "evidence"): (200, 200, 404, 200, 200, 404),
    ("evidence_thumbnail", "evidence"): (200, 200, 404, 200, 200, 404),
    ("evidence_replace", "evidence"): (200, 200, 404, 200, 403, 404),
    ("evidence_void", "evidence"): (200, 200, 404, 200, 403, 404),
    ("enterprise", "enterprise"): (200, 200, 404, 200, 200, 404),
}
HATS = ("office", "recommender", "other", "applicant", "auditor", "expert")


@pytest.fixture
def edition():
    return factories.edition(now=timezone.now())


@pytest.fixture
def nomination(edition):
    subject = factories.enterprise(1, account=True)
    return factories.nomination(edition, subject, rank=1, union_founded_on="2010-05-01")


def pdf(name="证.pdf", text=b"one"):
    return SimpleUploadedFile(name, b"%PDF-1.4\n" + text + b"\n%%EOF\n")


def worn(name):
    return factories.hat("recommender", "市北区") if name == "other" else factories.hat(name)


def page(name, thing=None):
    return reverse(f"nominations:{name}", args=[thing.pk] if thing else [])


def signed_in(client, name):
    return factories.sign_in(client, worn(name))


def test_the_table_knows_every_page():
    from nominations.urls import urlpatterns

    names = {pattern.name for pattern in urlpatterns} - {
        "evidence_page",
        "import_preview",
        "import_progress",
        "round_file",
        "look_again",
        # Of no edition: in test_categories and the matrix of addresses.
        *("categories", "category", "category_form", "category_file", "category_change"),
    }
    assert names == {name for name, _about in PAGES}


@pytest.mark.parametrize("hat", HATS)
def test_who_gets_which_page(client, edition, nomination, hat):
    now = timezone.now()
    document = attach_evidence(
        nomination, by=worn("recommender"), now=now, kind="other", title="证", file=pdf()
    )
    about = {
        None: None,
        "edition": edition,
        "nomination": nomination,
        "evidence": document,
        "enterprise": nomination.enterprise,
    }
    signed_in(client, hat)
    got = {name: client.get(page(name, about[kind])).status_code for name, kind in PAGES}
    assert got == {name: codes[HATS.index(hat)] for (name, _kind), codes in PAGES.items()}


def test_nobody_reads_without_signing_in(client, edition, nomination):
    about = {None: None, "edition": edition, "nomination": nomination, "enterprise": nomination.enterprise}
    for name, kind in PAGES:
        if kind != "evidence":
            answer = client.get(page(name, about[kind]))
            assert answer.status_code == 302
            assert answer.url.startswith(reverse("account_login"))


def test_a_person_without_a_hat_finds_nothing(client, edition, nomination):
    person = User.objects.create(username="bare", full_name="无任职（演示）")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    about = {None: None, "edition": edition, "nomination": nomination, "enterprise": nomination.enterprise}
    got = {name: client.get(page(name, about[kind])).status_code for name, kind in PAGES if kind in about}
    assert set(got.values()) == {403}


def test_another_citys_or_districts_office_finds_nothing(client, edition, nomination):
    factories.sign_in(client, factories.hat("office", "市北区"))
    for name in ("desk", "export", "edition_edit", "quotas", "close_recommendation"):
        assert client.get(page(name, edition)).status_code == 404
    for name in ("nomination", "nomination_edit", "withdraw"):
        assert client.get(page(name, nomination)).status_code == 404
    assert client.post(page("withdraw", nomination), {"reason": "x"}).status_code == 404
    nomination.refresh_from_db()
    assert nomination.state == "draft"


def test_another_district_neither_sees_nor_counts_nor_picks(client, edition, nomination):
    factories.bring(nomination, "recommendation")
    signed_in(client, "other")
    answer = client.get(page("desk", edition), {"q": nomination.subject_name})
    assert nomination.subject_name not in answer.content.decode().replace(
        f'value="{nomination.subject_name}"', ""
    )
    assert answer.context["page"].paginator.count == 0
    picked = client.post(page("recommend", edition), {"pick": nomination.pk, "opinion": "同意推荐"})
    assert picked.status_code == 302
    nomination.refresh_from_db()
    assert nomination.state == "recommendation"


@pytest.mark.parametrize("hat", ["office", "recommender", "auditor"])
def test_lists_ask_the_same_whatever_their_length(client, edition, hat):
    signed_in(client, hat)
    client.get(page("desk", edition))  # the rail remembers the edition, once
    counts = []
    for size in (2, 12):
        for n in range(edition.nominations.count(), size):
            factories.nomination(edition, 100 + n, rank=n + 1)
        for name, thing in (("desk", edition), ("edition", edition), ("editions", None)):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert client.get(page(name, thing)).status_code == 200
            counts.append((name, len(asked)))
    assert counts[:3] == counts[3:]


def test_setting_up_an_edition_with_what_is_offered(client):
    signed_in(client, "office")
    answer = client.get(page("edition_new"))
    form = answer.context["form"]
    given = {name: form[name].value() for name in form.fields}
    given = {name: "" if value is None else value for name, value in given.items() if value is not False}
    given["title"] = "2030年度演示届"
    given["recommendation_opens"], given["recommendation_closes"] = "2030-04-01T09:00", "2030-04-20T17:30"
    answer = client.post(page("edition_new"), given)
    made = Edition.objects.get(title="2030年度演示届")
    assert answer.url == page("edition", made)
    assert (made.seats, made.nominees, made.ratio, made.published) == (10, 20, "6/5", False)
    assert made.tie_break == ["private", "recognised_key_industry", "expert_score"]
    assert [(d.code, str(d.weight)) for d in made.dimensions.all()] == [
        ("mechanism", "35.00"),
        ("platform", "30.00"),
        ("effect", "35.00"),
    ]
    assert timezone.localtime(made.step("recommendation").closes).isoformat() == "2030-04-20T17:30:00+08:00"
    # What was wrong stays on the page, and nothing is made.
    given |= {"title": "再一届（演示）", "weight_effect": "40"}
    answer = client.post(page("edition_new"), given)
    assert answer.status_code == 200
    assert "权重之和应为 100" in answer.content.decode()
    assert not Edition.objects.filter(title="再一届（演示）").exists()


def test_frozen_rules_are_shown_and_not_changed(client, edition):
    freeze_rules(edition, by=worn("office"), now=timezone.now())
    edition.refresh_from_db()
    signed_in(client, "office")
    answer = client.get(page("edition_edit", edition))
    assert edition.digest in answer.content.decode()
    form = answer.context["form"]
    assert form.fields["seats"].disabled
    assert form.fields["tie_1"].disabled
    assert form.fields["weight_effect"].disabled
    assert not form.fields["notice_workdays"].disabled
    given = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    answer = client.post(page("edition_edit", edition), given | {"seats": 9, "notice_workdays": 7})
    assert answer.status_code == 302
    edition.refresh_from_db()
    assert (edition.seats, edition.notice_workdays) == (2, 7)


def test_nothing_typed_is_lost_in_the_second_tab(client, nomination):
    signed_in(client, "recommender")
    url = page("nomination_edit", nomination)
    typed = {"version": 1, "name": nomination.subject_name, "nature": "民营", "deeds": "第一个窗口写的"}
    assert client.post(url, typed).status_code == 302
    answer = client.post(url, typed | {"deeds": "第二个窗口写的"})
    words = answer.content.decode()
    assert answer.status_code == 200
    assert "第 2 版，本页是第 1 版" in words
    assert "第二个窗口写的" in words
    nomination.declaration.refresh_from_db()
    assert nomination.declaration.deeds == "第一个窗口写的"


def test_from_an_empty_form_to_recommended(client, edition):
    signed_in(client, "recommender")
    new = {"credit_code": factories.credit_code(7), "name": "云帆精密机械（演示）"}
    client.post(page("nomination_new", edition), new)
    made = Nomination.objects.get()
    whole = {
        "version": 1,
        "name": "云帆精密机械（演示）",
        "nature": "民营",
        "industry": "制造业",
        "key_industry": "高端装备",
        "recognitions": ["高新技术企业"],
        "division_name": "市南区",
        "independent": "yes",
        "employees": 300,
        "union_founded_on": "2010-05-01",
        "union_members": 280,
        "contact_name": "演示联系人",
        "contact_phone": "19900000000",
        "deeds": "演示事迹",
    }
    assert "还缺" in client.post(page("submit", made)).content.decode()
    client.post(page("nomination_edit", made), whole)
    client.post(page("attach", made), {"kind": "licence", "title": "执照", "file": pdf()})
    client.post(page("submit", made))
    preview = client.get(page("recommend", edition), {"pick": made.pk})
    assert "云帆精密机械（演示）" in preview.content.decode()
    client.post(page("recommend", edition), {"pick": made.pk, "opinion": "同意推荐"})
    made.refresh_from_db()
    assert (made.state, made.rank, made.evidence.count()) == ("screening", 1, 1)
    record = client.get(page("nomination", made)).content.decode()
    for words in ("建立推荐", "填写申报内容", "上传佐证", "提交", "推荐", "同意推荐"):
        assert words in record


def test_the_office_imports_after_a_look(client, edition):
    signed_in(client, "office")
    out = io.BytesIO()
    line = {
        "recommender": "市南区总工会",
        "rank": 1,
        "name": "云帆精密机械（演示）",
        "credit_code": factories.credit_code(1),
        "division_name": "市南区",
        "nature": "民营",
        "industry": "制造业",
        "employees": 300,
        "union_founded_on": timezone.localdate() - timedelta(days=900),
        "union_members": 280,
        "independent": True,
        "contact_name": "演示联系人",
        "contact_phone": "19900000001",
        "deeds": "演示事迹",
    }
    write(out, "推荐汇总表", summary.COLUMNS, [line])
    upload = SimpleUploadedFile("推荐汇总表.xlsx", out.getvalue())
    answer = client.post(page("import", edition), {"file": upload, "recommended": "on"})
    assert not Nomination.objects.exists()
    look = client.get(answer.url).content.decode()
    assert "云帆精密机械（演示）" in look
    assert "导入这 1 家" in look
    assert client.post(answer.url).url == page("desk", edition)
    assert Nomination.objects.get().state == "screening"
    assert "已导入 1 行" in client.get(answer.url).content.decode()
    again = client.post(page("import", edition), {"file": SimpleUploadedFile("再来.xlsx", out.getvalue())})
    errors = client.get(again.url).content.decode()
    assert "有 1 处需要改正" in errors or "已由“市南区总工会”推荐" in errors
    assert "导入这" not in errors


def test_a_preview_is_its_uploaders_alone(client, edition):
    signed_in(client, "recommender")
    answer = client.post(page("import", edition), {"file": SimpleUploadedFile("空.xlsx", b"")})
    assert answer.status_code == 200
    assert "空" in answer.content.decode()
    out = io.BytesIO()
    write(out, "推荐汇总表", summary.COLUMNS, [{"recommender": "市南区总工会", "name": "云帆（演示）"}])
    answer = client.post(page("import", edition), {"file": SimpleUploadedFile("表.xlsx", out.getvalue())})
    assert client.get(answer.url).status_code == 200
    signed_in(client, "other")
    assert client.get(answer.url).status_code == 404


def test_moving_a_line_by_a_button(client, edition):
    rows = [factories.nomination(edition, n, rank=n) for n in (1, 2, 3)]
    signed_in(client, "recommender")
    order = {"order": [row.pk for row in rows]}
    answer = client.post(page("rank", edition), order | {"up": rows[2].pk})
    assert answer.url.endswith(f"#row-{rows[2].pk}")
    assert list(edition.nominations.order_by("rank").values_list("pk", flat=True)) == [
        rows[0].pk,
        rows[2].pk,
        rows[1].pk,
    ]
    stale = client.post(page("rank", edition), {"order": [rows[0].pk], "down": rows[0].pk})
    assert "刚刚有变动" in stale.content.decode()


def test_returned_ones_come_first_and_say_why(client, edition):
    factories.nomination(edition, 1, rank=1)
    row = factories.nomination(edition, 2, rank=2, state="recommendation")
    signed_in(client, "recommender")
    why = {"codes": ["publicity"], "reason": "缺单位公示件", "deadline": "2099-01-01"}
    client.post(page("send_back", row), why)
    answer = client.get(page("desk", edition))
    assert answer.context["page"][0].pk == row.pk
    assert "缺单位公示件" in answer.content.decode()


def test_search_chips_and_pages(client, edition):
    for n in range(1, 53):
        factories.nomination(edition, n, rank=n)
    factories.nomination(edition, 60, state="recommendation", rank=60)
    signed_in(client, "recommender")
    url = page("desk", edition)
    assert client.get(url).context["page"].paginator.num_pages == 2
    assert client.get(url, {"state": "recommendation"}).context["page"].paginator.count == 1
    assert client.get(url, {"q": factories.credit_code(7)}).context["page"].paginator.count == 1
    assert client.get(url, {"q": "没有这家"}).context["page"].paginator.count == 0
    assert client.get(url, {"page": "x", "state": "x", "unit": "x", "sort": "x"}).status_code == 200


def test_the_judged_do_not_read_who_scored(client, nomination):
    from portal import audit

    now = timezone.now()
    factories.bring(nomination, "review")
    audit.record("review.score", nomination, by=worn("expert"), now=now, note="演示评分")
    seen = {}
    for hat in ("office", "auditor", "recommender", "applicant"):
        signed_in(client, hat)
        seen[hat] = [
            "演示评分" in client.get(page(name, thing)).content.decode()
            for name, thing in (("nomination", nomination), ("enterprise", nomination.enterprise))
        ]
    assert seen == {
        "office": [True, True],
        "auditor": [True, True],
        "recommender": [False, False],
        "applicant": [False, False],
    }


def test_a_download_is_an_attachment_of_its_own_name(client, nomination):
    kept = attach_evidence(
        nomination, by=worn("recommender"), now=timezone.now(), kind="other", title="公示件", file=pdf()
    )
    signed_in(client, "recommender")
    answer = client.get(page("evidence", kept))
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_no_page_carries_inline_style_or_script(client, edition, nomination):
    signed_in(client, "office")
    for name, thing in (
        ("desk", edition),
        ("edition", edition),
        ("edition_edit", edition),
        ("nomination", nomination),
    ):
        words = client.get(page(name, thing)).content.decode()
        assert " style=" not in words
        assert " onclick=" not in words
        assert "<script>" not in words


def test_a_districts_own_edition_is_its_own(client):
    own = factories.edition(host="市北区", now=timezone.now())
    signed_in(client, "recommender")
    for name in ("edition", "desk", "nomination_new", "import"):
        assert client.get(page(name, own)).status_code == 404
    signed_in(client, "other")
    new = {"credit_code": factories.credit_code(7), "name": "云帆精密机械（演示）"}
    assert client.post(page("nomination_new", own), new).status_code == 302
    made = Nomination.objects.get()
    assert made.recommender == worn("other").organisation
    signed_in(client, "office")
    assert client.get(page("edition", own)).status_code == 200
    assert client.get(page("edition_edit", own)).status_code == 403
    assert client.get(page("nomination", made)).status_code == 404


def test_the_office_recommends_for_several_unions_at_once(client, edition):
    day = {"union_founded_on": "2010-05-01", "state": "recommendation"}
    one = factories.nomination(edition, 1, **day)
    two = factories.nomination(edition, 2, recommender="市北区", **day)
    signed_in(client, "office")
    picked = {"pick": [one.pk, two.pk]}
    words = client.get(page("recommend", edition), picked).content.decode()
    assert "市南区总工会：本届没有设名额" in words
    assert "市北区总工会：本届没有设名额" in words
    client.post(page("recommend", edition), picked | {"opinion": "据签章的汇总表登记"})
    assert set(edition.nominations.values_list("state", flat=True)) == {"screening"}


def _typed(form):
    """What a browser sends of a form as it stands."""
    return {name: value for name in form.fields if (value := form[name].value()) not in (None, False, "")}


def test_what_the_committee_decides_of_the_experts_work(client, edition):
    signed_in(client, "office")
    address = page("edition_edit", edition)
    given = _typed(client.get(address).context["form"]) | {
        "sheets_each": "5",
        "comment_below": "60",
        "comment_above": "95.5",
        "same_district_conflict": "on",
        "guidance_effect": "看实际成效",
        "subpoints_effect": "获奖\n\n 专利 \n增效",
    }
    assert client.post(address, given).status_code == 302
    edition.refresh_from_db()
    assert (edition.sheets_each, edition.comment_below, edition.comment_above) == (5, 60, Decimal("95.5"))
    assert (edition.same_district_conflict, edition.discussion) == (True, False)
    row = edition.dimensions.get(code="effect")
    assert (row.guidance, row.subpoints) == ("看实际成效", ["获奖", "专利", "增效"])
    changed = AuditEntry.objects.filter(act="nominations.change_edition").latest("pk").detail["changed"]
    assert changed["sheets_each"] == [0, 5]
    assert changed["guidance_effect"][1] == ["看实际成效", ["获奖", "专利", "增效"]]
    # The guidance stays with its dimension when the weights change.
    pks = set(edition.dimensions.values_list("pk", flat=True))
    given |= {"weight_effect": "40", "weight_mechanism": "30", "sheets_each": ""}
    client.post(address, given)
    edition.refresh_from_db()
    row = edition.dimensions.get(code="effect")
    assert (row.weight, row.guidance, edition.sheets_each) == (40, "看实际成效", 0)
    assert set(edition.dimensions.values_list("pk", flat=True)) == pks
    shown = client.get(edition.get_absolute_url()).content.decode()
    assert "每位专家评全部企业" in shown and "95.5" in shown


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"comment_below": "120"}, "0 到 100"),
        ({"comment_below": "90", "comment_above": "60"}, "不能大于"),
    ],
)
def test_lines_for_comments_that_make_no_sense(client, edition, given, sentence):
    signed_in(client, "office")
    address = page("edition_edit", edition)
    answer = client.post(address, _typed(client.get(address).context["form"]) | given)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
