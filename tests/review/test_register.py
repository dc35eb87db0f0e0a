"""The register of experts: who keeps it, who reads it, and its way through Excel."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from portal.errors import Refused
from portal.models import AuditEntry
from portal.workbook import WorkbookRefused, write
from review.models import Assignment, Expert, PanelMember, ScoreSheet
from review.services import register, register_files
from tests import factories
from tests.moments import NOW

HEADS = [column.name for column in register_files.COLUMNS]


@pytest.fixture
def office(db):
    return factories.hat("office")


@pytest.fixture
def keeper(office):
    def add(name, **facts):
        return register.add_expert(name=name, by=office, now=NOW, **facts)

    return add


def book(*rows):
    """A workbook of the register with these rows, each a dict by heading."""
    out = io.BytesIO()
    write(
        out,
        "专家库",
        register_files.COLUMNS,
        [{c.key: row.get(c.name, "") for c in _columns()} for row in rows],
    )
    return out.getvalue()


def _columns():
    return register_files.COLUMNS


def problems(caught):
    return [(error.row, error.column_name, str(error.problem)) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("role", "org", "keeps", "reads"),
    [
        ("office", None, True, True),
        ("office", "市南区", False, True),
        ("auditor", None, False, True),
        ("expert", None, False, False),
        ("recommender", "市南区", False, False),
        ("department", "dept-kjj", False, False),
        ("admin", None, False, False),
    ],
)
def test_who_keeps_and_who_reads(client, keeper, role, org, keeps, reads):
    person = keeper("演示甲", phone="19900000001")
    hat = factories.hat(role, org)
    if not keeps:
        with pytest.raises(PermissionDenied):
            register.change_expert(person, title="教授", by=hat, now=NOW)
        with pytest.raises(PermissionDenied):
            register_files.read_register(book({"姓名": "演示乙"}), by=hat)
    factories.sign_in(client, hat)
    found = client.get(reverse("review:expert", args=[person.pk]))
    assert found.status_code == (200 if reads else 403)
    assert ("19900000001" in found.content.decode()) is reads
    assert client.get(reverse("review:register_export")).status_code == (200 if reads else 403)
    assert client.get(reverse("review:expert_edit", args=[person.pk])).status_code == (200 if keeps else 403)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"name": " "}, "请填写专家姓名"),
        ({"name": "演示甲", "employer": "演示大学"}, "专家库中已有"),
        ({"name": "演示甲 ", "employer": "演示 大学"}, "专家库中已有"),
        ({"name": "演示丙", "employer_code": "91370202MA00000010"}, "信用代码"),
    ],
)
def test_what_is_refused(keeper, facts, sentence):
    keeper("演示甲", employer="演示大学")
    with pytest.raises(Refused, match=sentence):
        keeper(**facts)
    assert Expert.objects.count() == 1


def test_the_same_name_elsewhere_is_somebody_else(keeper):
    keeper("演示甲", employer="演示大学")
    keeper("演示甲", employer="演示研究院")
    assert Expert.objects.count() == 2


def test_an_account_needs_the_hat_and_belongs_to_one(keeper, office):
    hat = factories.hat("expert", username="e1")
    one = keeper("演示甲", user=hat.user)
    with pytest.raises(Refused, match="已属于另一位"):
        keeper("演示乙", user=hat.user)
    with pytest.raises(Refused, match="没有专家身份"):
        keeper("演示丙", user=office.user)
    assert list(register.free_accounts()) == []
    assert list(register.free_accounts(one)) == [hat.user]


def test_a_panel_under_way_learns_of_the_account(keeper, office):
    person = keeper("演示甲")
    member = PanelMember.objects.create(edition=factories.edition(), expert=person, code="E01")
    hat = factories.hat("expert", username="e1")
    register.change_expert(person, user=hat.user, by=office, now=NOW)
    member.refresh_from_db()
    assert member.user == hat.user


def test_the_record_names_what_changed_and_keeps_contacts_to_itself(keeper, office):
    person = keeper("演示甲", phone="19900000001", title="教授")
    register.change_expert(person, phone="19900000002", title="研究员", by=office, now=NOW)
    register.set_active(person, False, by=office, now=NOW)
    register.change_expert(person, title="研究员", by=office, now=NOW)  # as it is: no line
    lines = AuditEntry.objects.filter(act="review.manage_register").order_by("pk")
    assert [each.detail for each in lines][1:] == [
        {"changed": {"title": ["教授", "研究员"], "phone": ["…", "…"]}},
        {"changed": {"active": [True, False]}},
    ]
    assert not any("1990000" in str(each.detail) for each in lines)


def test_finding(keeper, office):
    keeper("演示甲", fields=["化工", "电子"], division_name="市南区", employer="演示大学")
    keeper("演示乙", fields=["电子"], division_name="市北区", title="教授")
    register.set_active(keeper("演示丙", fields=["海洋"]), False, by=office, now=NOW)
    table = [
        ({}, {"演示甲", "演示乙", "演示丙"}),
        ({"q": "大学"}, {"演示甲"}),
        ({"q": "教授"}, {"演示乙"}),
        ({"field": "电子"}, {"演示甲", "演示乙"}),
        ({"field": "电", "q": ""}, set()),
        ({"district": "市北区"}, {"演示乙"}),
        ({"active": True}, {"演示甲", "演示乙"}),
        ({"active": False}, {"演示丙"}),
    ]
    for asked, names in table:
        assert {each.name for each in register.found(**asked)} == names, asked


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("化工、电子", ["化工", "电子"]),
        ("化工, 电子;化工", ["化工", "电子"]),
        (" ", []),
        ("化工\n海洋", ["化工", "海洋"]),
    ],
)
def test_fields_as_people_write_them(text, fields):
    assert register.split_fields(text) == fields


def test_past_panels_say_how_many_sheets_and_no_score(client, keeper, office):
    person = keeper("演示甲")
    edition = factories.edition(title="演示旧届", year=2025)
    member = PanelMember.objects.create(edition=edition, expert=person, code="E07")
    for n, done in ((1, NOW), (2, NOW), (3, None)):
        task = Assignment.objects.create(
            member=member, nomination=factories.nomination(edition, n, state="review"), assigned_at=NOW
        )
        ScoreSheet.objects.create(assignment=task, saved_at=NOW, submitted_at=done)
    assert [(each.code, each.reviews) for each in register.past(person)] == [("E07", 2)]
    page = factories.sign_in(client, office).get(reverse("review:expert", args=[person.pk]))
    assert "演示旧届" in page.content.decode()


def test_what_is_handed_out_is_read_as_no_change(keeper, office):
    hat = factories.hat("expert", username="e1")
    keeper(
        "演示甲",
        employer="演示大学",
        employer_code=factories.credit_code(5),
        fields=["化工", "电子"],
        title="教授",
        division_name="市南区",
        phone="0532-00000000",
        mail="a@example.invalid",
        note="=演示备注",
        user=hat.user,
    )
    register.set_active(keeper("演示乙"), False, by=office, now=NOW)
    out = io.BytesIO()
    register_files.write_register(out, by=office)
    assert register_files.read_register(out.getvalue(), by=office) == []


def test_a_file_is_matched_by_account_then_by_name_and_employer(keeper, office):
    hat = factories.hat("expert", username="e1")
    one = keeper("演示甲", employer="演示大学", user=hat.user)
    two = keeper("演示乙", employer="演示大学", title="教授", phone="19900000002")
    planned = register_files.read_register(
        book(
            {"姓名": "演示甲", "工作单位": "演示研究院", "账户名": "e1"},
            {"姓名": "演示乙", "工作单位": "演示 大学", "专业领域": "化工，电子"},
            {"姓名": "演示丙", "在库": "否"},
        ),
        by=office,
    )
    assert [(each.expert, each.changed) for each in planned] == [
        (one, ("employer",)),
        (two, ("fields",)),
        (None, ("name", "active")),
    ]
    assert register_files.apply_register(register_files.as_kept(planned), by=office, now=NOW) == (1, 2)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.employer, two.fields) == ("演示研究院", ["化工", "电子"])
    # An empty cell leaves what is there.
    assert (two.title, two.phone) == ("教授", "19900000002")
    assert not Expert.objects.get(name="演示丙").active


def test_every_wrong_cell_is_named_and_nothing_is_taken(keeper, office):
    factories.hat("expert", username="e1")
    keeper("演示甲", user=factories.hat("expert", username="e2").user)
    with pytest.raises(WorkbookRefused) as caught:
        register_files.read_register(
            book(
                {"姓名": "", "工作单位": "演示大学"},
                {"姓名": "演示乙", "工作单位信用代码": "123"},
                {"姓名": "演示丙", "电子邮箱": "没有"},
                {"姓名": "演示丁", "所在区市": "市难区"},
                {"姓名": "演示戊", "账户名": "nobody"},
                {"姓名": "演示甲", "账户名": "e1"},
                {"姓名": "演示己"},
                {"姓名": "演示己"},
            ),
            by=office,
        )
    assert [(row, column) for row, column, _problem in problems(caught)] == [
        (4, "姓名"),
        (5, "工作单位信用代码"),
        (6, "电子邮箱"),
        (7, "所在区市"),
        (8, "账户名"),
        (9, "账户名"),
        (11, "姓名"),
    ]
    assert Expert.objects.count() == 1


def test_changed_since_the_preview_nothing_is_applied(keeper, office):
    one = keeper("演示甲", employer="演示大学")
    planned = register_files.read_register(
        book({"姓名": "演示新"}, {"姓名": "演示甲", "工作单位": "演示大学", "职称职务": "教授"}), by=office
    )
    register.change_expert(one, title="研究员", by=office, now=NOW)
    with pytest.raises(Refused, match="预览之后被改动过"):
        register_files.apply_register(register_files.as_kept(planned), by=office, now=NOW)
    one.refresh_from_db()
    assert (one.title, Expert.objects.count()) == ("研究员", 1)


def test_twice_the_same_preview_adds_nobody_twice(office):
    kept = register_files.as_kept(register_files.read_register(book({"姓名": "演示新"}), by=office))
    register_files.apply_register(kept, by=office, now=NOW)
    with pytest.raises(Refused, match="专家库中已有"):
        register_files.apply_register(kept, by=office, now=NOW)
    assert Expert.objects.count() == 1


def test_by_clicking(client, office):
    factories.sign_in(client, office)
    answer = client.post(
        reverse("review:expert_new"),
        {"name": "演示甲", "fields_text": "化工、电子", "division_name": "市南区"},
    )
    person = Expert.objects.get()
    assert answer.url == reverse("review:expert", args=[person.pk])
    assert person.fields == ["化工", "电子"]
    client.post(reverse("review:expert_edit", args=[person.pk]), {"name": "演示甲", "title": "教授"})
    client.post(reverse("review:expert_active", args=[person.pk]))
    person.refresh_from_db()
    assert (person.title, person.fields, person.active) == ("教授", [], False)
    blank = client.get(reverse("review:register_form"))
    sheet = load_workbook(io.BytesIO(blank.content)).active
    assert [cell.value.rstrip("*") for cell in sheet[3]] == HEADS
    upload = SimpleUploadedFile("专家库.xlsx", book({"姓名": "演示乙"}, {"姓名": "演示甲", "在库": "是"}))
    page = client.post(reverse("review:register_import"), {"file": upload})
    assert "将新增 1 位，更新 1 位" in page.content.decode()
    token = page.context["token"]
    assert client.post(reverse("review:register_import"), {"token": "x" + token}).status_code == 302
    assert Expert.objects.count() == 1
    client.post(reverse("review:register_import"), {"token": token})
    assert set(Expert.objects.values_list("name", "active")) == {("演示甲", True), ("演示乙", True)}


def test_the_list_takes_as_many_queries_for_many_as_for_few(client, keeper, office):
    factories.sign_in(client, office)
    for n in range(3):
        keeper(f"演示{n}", fields=["化工"], division_name="市南区")
    client.get(reverse("review:register"))
    few = _queries(client)
    Expert.objects.bulk_create(
        Expert(name=f"演示专家{n}", fields=["电子"], user=factories.hat("expert", username=f"u{n}").user)
        for n in range(40)
    )
    assert _queries(client) == few


def _queries(client) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        assert client.get(reverse("review:register")).status_code == 200
    return len(caught)
