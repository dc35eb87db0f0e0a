"""Every category from its page to a declaration handed in; results of one enterprise; the form that stays."""

import io
import json
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from nominations import round_form, summary
from nominations.declaration import ENTERPRISE, shape_of
from nominations.models import Category, Edition, Enterprise, Nomination
from nominations.rules import subject_key
from nominations.services import categories, editions, intake, roundtrip
from nominations.services.completeness import facts_of
from nominations.services.declaring import create_nomination, save_declaration
from nominations.services.duplicates import duplicates, honours_of
from nominations.services.looking_up import read_known, take_over
from nominations.services.renaming import rename
from nominations.services.roundreading import read_round
from portal.errors import Refused
from portal.models import AuditEntry
from portal.workbook import read, write
from tests import factories
from tests.factories import credit_code, hat

pytestmark = pytest.mark.django_db

CODES = ("qycx", "gj", "gzs", "cxbz", "cxns", "cxcg")
# Written by hand: what its page is called, and the label over its own name.
PAGES = {
    "qycx": ("推荐一家企业", "企业名称"),
    "gj": ("推荐一名个人", "姓名"),
    "gzs": ("推荐一个工作室", "工作室名称"),
    "cxbz": ("推荐一个班组", "班组名称"),
    "cxns": ("推荐一名个人", "姓名"),
    "cxcg": ("推荐一项成果", "成果名称"),
}
WORDS = {"integer": "12", "decimal": "1.5", "money": "1200", "percent": "60", "date": "2020-05-01"}


@pytest.fixture
def ground(db):
    return factories.city()


def category(code="cxcg"):
    factories.city()
    return Category.objects.get(code=code)


def page(name, thing):
    return reverse(f"nominations:{name}", args=[thing.pk])


def filled_in(shape):
    """Every field of a form answered, as a browser sends it."""
    data = {}
    for each in shape:
        if each.key == "name" or each.kind in ("evidence", "details"):
            continue
        if each.kind == "rows":
            data |= {f"{each.key}-0-{column.key}": typed(column) for column in each.columns}
        elif each.kind == "choices":
            data[each.key] = [each.choices[0]]
        else:
            data[each.key] = typed(each)
    return data


def typed(field):
    if field.kind == "boolean":
        return "yes"
    if field.kind == "choice":
        return field.choices[0]
    return WORDS.get(field.kind, "演示内容")


@pytest.mark.parametrize("code", CODES)
def test_a_category_is_clean_and_a_declaration_of_it_is_handed_in(client, code):
    chosen = category(code)
    chosen.full_clean()
    edition = factories.edition(category=chosen, now=timezone.now())
    assert [(each.code, str(each.weight)) for each in edition.dimensions.all()] == [
        (row["code"], f"{row['weight']}.00") for row in chosen.rubric
    ]
    factories.sign_in(client, hat("recommender"))
    title, label = PAGES[code]
    shown = client.get(page("nomination_new", edition)).content.decode()
    assert f"<h1>{title}</h1>" in shown and label in shown
    named = {"credit_code": credit_code(3), "name": "演示对象（演示）"}
    if code != "qycx":
        named["enterprise_name"] = "云帆精密（演示）有限公司"
    answer = client.post(page("nomination_new", edition), named)
    made = Nomination.objects.get(edition=edition)
    assert answer.url == page("nomination_edit", made)
    assert client.get(answer.url).status_code == 200
    data = {"version": 1, **filled_in(shape_of(edition))}
    assert client.post(page("nomination_edit", made), data).status_code == 302
    facts = facts_of(Nomination.objects.get(pk=made.pk))
    unanswered = {"name"} | {each.key for each in shape_of(edition) if each.kind in ("evidence", "details")}
    assert set(data) - {"version"} <= set(facts) | {f for f in data if "-0-" in f}
    assert {each.key for each in shape_of(edition)} - unanswered <= set(facts)
    client.post(page("submit", made))
    made.refresh_from_db()
    assert made.state == "recommendation"
    read_again = client.get(page("nomination", made)).content.decode()
    assert "演示对象（演示）" in read_again
    assert ("云帆精密（演示）有限公司" in read_again) == (code != "qycx")
    assert client.get(page("form_print", made)).status_code == 200


@pytest.mark.parametrize("code", CODES)
def test_the_pages_of_a_category(client, code):
    chosen = category(code)
    for name in ("office", "auditor", "admin"):
        factories.sign_in(client, hat(name))
        assert chosen.name in client.get(reverse("nominations:categories")).content.decode()
        shown = client.get(page("category", chosen)).content.decode()
        assert all(row["name"] in shown for row in chosen.rubric)
        assert (page("category_change", chosen) in shown) == (name == "office")
        assert "推荐审批表" in client.get(page("category_form", chosen)).content.decode()
        whole = json.loads(client.get(page("category_file", chosen)).content)
        assert (whole["code"], whole["rubric"]) == (code, chosen.rubric)


def test_the_list_asks_as_often_for_six_as_for_one(client, django_assert_max_num_queries):
    category()
    factories.sign_in(client, hat("office"))
    client.get(reverse("nominations:categories"))
    with django_assert_max_num_queries(12):
        client.get(reverse("nominations:categories"))


# --- two results of one enterprise


def result_edition(**fields):
    return factories.edition(category=category(), now=timezone.now(), **fields)


def result(edition, name="甲装置", code=5, by=None, **more):
    by = by or hat("recommender")
    more = {"enterprise_name": "云帆精密（演示）有限公司"} | more
    return create_nomination(
        edition, by=by, now=timezone.now(), credit_code=credit_code(code), name=name, **more
    )


def test_two_results_of_one_enterprise_stand_side_by_side_and_each_once():
    edition = result_edition()
    one, other = result(edition), result(edition, "乙 Tool", enterprise_name="")
    assert one.enterprise == other.enterprise
    assert Enterprise.objects.get(credit_code=credit_code(5)).name == "云帆精密（演示）有限公司"
    assert one.subject_key == subject_key(credit_code(5), "甲装置") != other.subject_key
    for again in ("甲装置", " 甲 装置 ", "乙tool"):
        with pytest.raises(Refused, match="不能重复推荐"):
            result(edition, again)
    # The same name elsewhere is another result; so is the same one in another edition.
    assert result(edition, "甲装置", code=6).subject_key != one.subject_key
    assert result(result_edition(), "甲装置").subject_key == one.subject_key


def test_a_result_needs_its_name_and_a_new_enterprise_the_enterprises():
    edition = result_edition()
    with pytest.raises(Refused, match="请填写成果名称"):
        result(edition, " \u200b ")
    with pytest.raises(Refused, match="请填写企业名称"):
        result(edition, "甲装置", enterprise_name=" ")
    assert not Nomination.objects.exists() and not Enterprise.objects.exists()


def test_a_result_once_named_is_not_recommended_again_and_its_neighbour_is():
    edition, company = result_edition(), factories.enterprise(5)
    key = subject_key(company.credit_code, "甲装制")
    stood = {"host": edition.host, "named_on": date(2025, 12, 1), "named_by": hat("office")}
    own = {"category": category(), "subject_key": key, "subject_name": "甲装置"}
    factories.honour(company, number="演示-1", year=2025, **stood, **own)
    factories.honour(company, number="演示-2", year=2024, **stood)
    for name in ("甲装制", "甲装置"):
        with pytest.raises(Refused, match=r"“甲装置”.*已于 2025 年命名"):
            result(edition, name)
    assert duplicates(edition, company.credit_code, "乙装置").honours == []
    assert result(edition, "乙装置").subject_name == "乙装置"


@pytest.mark.parametrize(
    ("host", "level", "bars"),
    [
        ("city", "province", False),
        ("city", "city", True),
        ("city", "district", False),
        ("city", "enterprise", False),
        ("市南区", "district", True),
        ("市南区", "enterprise", False),
    ],
)
def test_only_a_naming_at_the_level_of_the_edition_stands_in_its_way(host, level, bars):
    """What an office enters of former years includes namings by others: of those it may name one itself."""
    company = factories.enterprise(5)
    host = factories.city() if host == "city" else factories.district(host)
    edition = factories.edition(category=category("qycx"), host=host, now=timezone.now())
    factories.honour(
        company,
        level=level,
        host=host,
        year=2025,
        number="演示-1",
        named_on=date(2025, 12, 1),
        named_by=hat("office"),
    )
    by = hat("office") if host.kind == "city" else hat("office", "市南区")
    assert bool(duplicates(edition, company.credit_code).honours) == bars
    assert read_known(edition, company.credit_code, by=by).barred == bars
    assert bool(honours_of(edition, [company.pk])) == bars


def test_what_is_known_of_a_code_names_the_other_results_and_fills_the_enterprise(client):
    edition = result_edition()
    result(edition)
    known = read_known(edition, credit_code(5), by=hat("recommender"))
    assert (known.name, known.taken, [each.subject_name for each in known.others]) == (
        "云帆精密（演示）有限公司",
        None,
        ["甲装置"],
    )
    factories.sign_in(client, hat("recommender"))
    said = client.get(page("look_up", edition), {"credit_code": credit_code(5)}).json()
    assert said["ok"] and "这家企业在这一届已申报：甲装置（起草）" in said["lines"][0]


def test_a_new_name_is_a_new_key_until_it_is_handed_on():
    edition, now, by = result_edition(), timezone.now(), hat("recommender")
    one, other = result(edition), result(edition, "乙装置")
    with pytest.raises(Refused, match="不能重复推荐"):
        save_declaration(one, by=by, now=now, version=1, name="乙装 置")
    save_declaration(one, by=by, now=now, version=1, name="丙装置")
    one.refresh_from_db()
    assert (one.subject_key, one.subject_name) == (subject_key(credit_code(5), "丙装置"), "丙装置")
    assert Enterprise.objects.get().name == "云帆精密（演示）有限公司"
    result(edition, "甲装置")
    with pytest.raises(Refused, match="请填写成果名称"):
        save_declaration(other, by=by, now=now, version=1, name=" ")


def test_late_in_the_edition_the_name_is_put_right_and_the_key_and_the_enterprise_stay():
    edition, office, now = result_edition(), hat("office"), timezone.now()
    company = factories.enterprise(5)

    def nominated(name):
        made = factories.nomination(edition, company if name == "甲装制" else factories.enterprise(6))
        key = subject_key(company.credit_code, name)
        rows = Nomination.objects.filter(pk=made.pk)
        rows.update(enterprise=company, subject_key=key, subject_name=name)
        return rows.get()

    one = factories.bring(nominated("甲装制"), "publicity")
    nominated("乙装置")
    with pytest.raises(Refused, match="“乙装置”已在这一届"):
        rename(one, name="乙装置", reason="演示", by=office, now=now)
    one = rename(one, name="甲装置", reason="申报时写错一字", by=office, now=now)
    assert (one.subject_name, one.subject_key) == ("甲装置", subject_key(company.credit_code, "甲装制"))
    assert Enterprise.objects.get(pk=company.pk).name == company.name


def test_of_another_result_only_what_is_the_enterprises_is_taken_over():
    by, now = hat("recommender"), timezone.now()
    before = result(
        result_edition(),
        "甲装置",
        industry="装备制造",
        nature="民营",
        contact_name="演示联系人",
        answers={"problem": "旧问题", "kind": "发明创造"},
    )
    fresh = result(result_edition(), "乙装置")
    facts = take_over(fresh, by=by, now=now)
    assert (facts.industry, facts.nature, facts.contact_name) == ("装备制造", "民营", "演示联系人")
    assert facts.answers == {}
    assert before.pk != fresh.pk


def test_the_desk_of_results_finds_them_by_their_enterprise_and_asks_as_often_for_six_as_for_two(client):
    edition = result_edition()
    for n in (1, 2):
        result(edition, f"演示装置{n}", code=n)
    factories.sign_in(client, hat("recommender"))
    there, counts = page("desk", edition), []
    for n in (3, 4, 5, 6):
        client.get(there)
        with CaptureQueriesContext(connection) as asked:
            words = client.get(there).content.decode()
        counts.append(len(asked))
        result(edition, f"演示装置{n}", code=n, enterprise_name=f"海晏电子{n}（演示）")
    assert len(set(counts)) == 1
    assert "演示装置1" in words and "云帆精密（演示）有限公司" in words and "共 5 项" in words
    found = client.get(there, {"q": "海晏电子4"}).content.decode()
    assert "演示装置4" in found and "演示装置1" not in found


# --- 推荐汇总表 and 推荐填报表 of results


def line(n=1, **changes):
    return {
        "serial": n,
        "recommender": "市南区总工会",
        "rank": n,
        "name": f"演示装置{n}",
        "enterprise_name": "云帆精密（演示）有限公司",
        "credit_code": credit_code(5),
        "kind": "技术革新",
        "authors": "甲某、乙某",
        "done_on": date(2025, 3, 1),
        "problem": "演示问题",
        "points": "演示创新点",
        "use": "演示应用",
        "benefit": 12000,
        "division_name": "市南区",
        "nature": "民营",
        "industry": "制造业",
        "independent": True,
        "union_founded_on": date(2010, 5, 1),
        "contact_name": "演示联系人",
        "contact_phone": "19900000001",
        "deeds": "演示说明",
    } | changes


def book(edition, *rows):
    out = io.BytesIO()
    write(out, "推荐汇总表", summary.columns_of(edition), rows)
    out.seek(0)
    out.name = "推荐汇总表.xlsx"
    return out


def test_the_columns_follow_the_form():
    edition = result_edition()
    assert [column.name for column in summary.columns_of(edition)] == [
        *("序号", "推荐单位", "推荐排序", "成果名称", "企业名称", "统一社会信用代码"),
        *("成果类别", "主要完成人", "完成时间", "解决的问题", "创新点", "应用情况", "年经济效益（元）"),
        *("所属区市", "企业性质", "所属行业", "十强产业", "职工人数", "工会成立时间", "工会会员数"),
        *("省部级以上认定", "独立法人", "联系人", "联系电话", "成果说明", "备注"),
    ]
    needed = {column.key for column in summary.columns_of(edition) if column.required}
    assert needed == {*shape_of(edition).needed(), "recommender", "enterprise_name", "credit_code"}
    assert summary.columns_of(factories.edition()) == summary.COLUMNS


def test_the_sheet_of_results_comes_in_and_goes_out_as_it_came():
    edition, office, now = result_edition(), hat("office"), timezone.now()
    made = intake.apply_intake(edition, book(edition, line(1), line(2, name="乙装置")), by=office, now=now)
    assert [each.state for each in made] == ["recommendation", "recommendation"]
    assert made[0].declaration.answers["authors"] == [{"name": "甲某"}, {"name": "乙某"}]
    assert made[0].declaration.answers["benefit"] == "12000"
    assert Enterprise.objects.count() == 1
    out = io.BytesIO()
    intake.export_recommendations(edition, out, by=office)
    out.seek(0)
    again = read(out, summary.columns_of(edition), title=summary.TITLE)
    assert [(row["name"], row["enterprise_name"], row["authors"]) for row in again] == [
        ("演示装置1", "云帆精密（演示）有限公司", "甲某、乙某"),
        ("乙装置", "云帆精密（演示）有限公司", "甲某、乙某"),
    ]
    assert again.errors == []


def test_every_error_of_such_a_sheet_is_in_its_cell_and_nothing_is_entered():
    edition, office, now = result_edition(), hat("office"), timezone.now()
    result(edition, "甲装置")
    rows = [
        line(1, name="甲 装置"),
        line(2),
        line(3, name="演示装置２"),
        line(4, enterprise_name="另一个（演示）企业"),
        line(5, name=None),
        line(6, kind="别的类别"),
        line(7, authors=None),
        line(8, credit_code="91370202MA00000000"),
    ]
    file = book(edition, *rows)
    found = intake.read_intake(edition, file, by=office, now=now).errors
    said = {(error.row - 3, error.column_name): str(error) for error in found}
    assert set(said) == {
        (1, "成果名称"),
        (3, "成果名称"),
        (4, "企业名称"),
        (5, "成果名称"),
        (6, "成果类别"),
        (7, "主要完成人"),
        (8, "统一社会信用代码"),
    }
    assert "已由“市南区总工会”推荐" in said[1, "成果名称"]
    assert "与第 5 行重复" in said[3, "成果名称"]
    file.seek(0)
    with pytest.raises(Refused):
        intake.apply_intake(edition, file, by=office, now=now)
    assert edition.nominations.count() == 1


def test_the_round_of_results_goes_out_and_comes_back():
    from openpyxl import load_workbook

    edition, by, now = result_edition(), hat("recommender"), timezone.now()
    one = result(edition)
    result(edition, "乙装置")
    columns = [column.key for column in round_form.columns_of(edition)]
    assert "authors" not in columns and {"name", "enterprise_name", "spread_text"} <= set(columns)
    out = io.BytesIO()
    roundtrip.write_round(edition, out, by=by, now=now)
    book = load_workbook(io.BytesIO(out.getvalue()))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "成果名称" for cell in row))
    at = {cell.value: cell.column for cell in head}
    first = head[0].row + 1
    sheet.cell(first, at["成果名称"]).value = "甲装置二代"
    sheet.cell(first, at["创新点"]).value = "演示创新点"
    fresh = first + 2
    for title, value in (
        ("成果名称", "丙装置"),
        ("企业名称", "云帆精密（演示）有限公司"),
        ("统一社会信用代码", credit_code(5)),
    ):
        sheet.cell(fresh, at[title]).value = value
    back = io.BytesIO()
    book.save(back)
    back.seek(0)
    back.name = "推荐填报表.xlsx"
    diff = read_round(edition, back, by=by, now=now)
    assert (diff.errors, [row.name for row in diff.of("changed")], [row.name for row in diff.of("new")]) == (
        [],
        ["甲装置"],
        ["丙装置"],
    )
    back.seek(0)
    kept = roundtrip.keep_round(edition, back, by=by, now=now)
    done = roundtrip.apply_round(kept, by=by, now=now, choices={"digest": diff.digest})
    assert (done.created, done.changed) == (1, 1)
    one.refresh_from_db()
    assert one.subject_key == subject_key(credit_code(5), "甲装置二代")
    # A name that another result of the enterprise has is refused where it stands.
    sheet.cell(first + 1, at["成果名称"]).value = "甲装置二代"
    back = io.BytesIO()
    book.save(back)
    back.seek(0)
    back.name = "推荐填报表.xlsx"
    errors = read_round(edition, back, by=by, now=now).errors
    assert ("成果名称", True) in [(each.column_name, "已在这一届推荐" in str(each)) for each in errors]


# --- the form that stays, and the change of a category


def changed(of, **rows):
    """The file of a category with a question more, and whatever else is said."""
    whole = json.loads(categories.write_category(of))
    whole["form"]["sections"][0]["fields"].append({"key": "stage", "title": "成果阶段"})
    return json.dumps(whole | rows, ensure_ascii=False)


def test_an_edition_keeps_its_form_once_it_is_published_or_begun():
    of, office, now = category(), hat("office"), timezone.now()
    published, waiting = result_edition(), result_edition(published=False)
    begun, other = result_edition(published=False), factories.edition(published=False)
    result(begun, by=office, recommender=factories.district())
    done = result_edition()
    Edition.objects.filter(pk=done.pk).update(concluded_at=now)
    preview = categories.read_change(of, changed(of), by=office)
    assert (preview.follow, preview.keep) == ([waiting], [published, begun])
    assert [str(each) for each in preview.lines] == ["申报表新增“成果阶段”"]
    categories.change_category(of, text=changed(of), was=preview.was, by=office, now=now)
    asked = {
        each: "stage" in shape_of(Edition.objects.get(pk=each.pk)).by_key
        for each in (published, waiting, begun, other, done)
    }
    assert asked == {published: False, waiting: True, begun: False, other: False, done: False}
    assert "stage" in shape_of(result_edition()).by_key
    entry = AuditEntry.objects.get(act="nominations.change_category")
    assert (entry.detail["before"], entry.detail["after"]) == (preview.was, preview.becomes)
    assert entry.detail["editions"] == [waiting.pk]
    assert entry.detail["changed"] == ["申报表新增“成果阶段”"]


def test_an_edition_that_follows_the_form_takes_the_rubric_too():
    of, office, now = category(), hat("office"), timezone.now()
    published, waiting = result_edition(), result_edition(published=False)
    whole = json.loads(categories.write_category(of))
    gone = whole["rubric"].pop()
    whole["rubric"].append(
        gone | {"code": "reach", "name": "演示推广", "guidance": "看推广", "subpoints": ["面"]}
    )
    for section in whole["form"]["sections"]:
        if section.get("dimension") == gone["code"]:
            section["dimension"] = "reach"
    text = json.dumps(whole, ensure_ascii=False)
    was = categories.read_change(of, text, by=office).was
    categories.change_category(of, text=text, was=was, by=office, now=now)
    assert [each.code for each in published.dimensions.all()] == [row["code"] for row in of.rubric]
    codes = [each.code for each in waiting.dimensions.all()]
    assert codes == [row["code"] for row in whole["rubric"]]
    last = waiting.dimensions.get(code="reach")
    assert (last.name, last.guidance, last.subpoints) == ("演示推广", "看推广", ["面"])


def test_the_form_of_the_house_stays_with_the_house_until_it_is_changed():
    of, office, now = category("qycx"), hat("office"), timezone.now()
    before = factories.edition()
    whole = json.loads(categories.write_category(of))
    whole["rubric"][0]["weight"], whole["rubric"][2]["weight"] = "40", "30"
    text = json.dumps(whole, ensure_ascii=False)
    was = categories.read_change(of, text, by=office).was
    of = categories.change_category(of, text=text, was=was, by=office, now=now)
    assert of.form == {} and shape_of(factories.edition()) is ENTERPRISE
    assert [str(each.weight) for each in before.dimensions.all()] == ["35.00", "30.00", "35.00"]
    assert [str(each.weight) for each in factories.edition().dimensions.all()] == ["40.00", "30.00", "30.00"]


# Written by hand: what the file says, what the sentence says.
NO_FILES = [
    ("", "不是可读的 JSON"),
    ("{", "第 1 行第 2 个字符"),
    ("[]", "“form”和“rubric”"),
    ('{"form": {}}', "“form”和“rubric”"),
    ('{"form": {}, "rubric": NaN}', "不是可读的 JSON"),
    ("[" * 100_000, "不是可读的 JSON"),
    (b"\xff\xfe\x00", "不是可读的 JSON"),
    ('{"form": {}, "rubric": [], "note": "\\u0000"}', "不能保存的字符"),
    ('{"form": {}, "rubric": [], "note": "\\ud800"}', "不是可读的 JSON"),
    ('{"form": {}, "rubric": [], "colour": 1}', "不认识的部分：colour"),
    ('{"code": "gj", "form": {}, "rubric": []}', "另一个类别（gj）"),
    ('{"form": {}, "rubric": []}', "1 至 10 个"),
    (" " * (256 * 1024 + 1), "超过 256 KB"),
]


@pytest.mark.parametrize(("data", "says"), NO_FILES, ids=range(len(NO_FILES)))
def test_a_file_that_cannot_be_used_is_refused_whole(data, says):
    of, office = category(), hat("office")
    form = of.form
    with pytest.raises(Refused) as refused:
        categories.change_category(of, text=data, was="x", by=office, now=timezone.now())
    assert says in str(refused.value)
    of.refresh_from_db()
    assert of.form == form


def test_nothing_changed_is_said_and_what_changed_meanwhile_is_not_overwritten():
    of, office, now = category(), hat("office"), timezone.now()
    with pytest.raises(Refused, match="完全相同"):
        categories.read_change(of, categories.write_category(of), by=office)
    first = changed(of)
    was = categories.read_change(of, first, by=office).was
    other = json.loads(first)
    other["rubric"][0]["name"] = "创新程度"
    categories.change_category(of, text=json.dumps(other), was=was, by=office, now=now)
    with pytest.raises(Refused, match="预览之后"):
        categories.change_category(of, text=first, was=was, by=office, now=now)


def test_only_the_citys_office_changes_a_category():
    of = category()
    for worn in (hat("office", "市南区"), hat("auditor"), hat("admin"), hat("recommender")):
        with pytest.raises(PermissionDenied):
            categories.read_change(of, changed(of), by=worn)


def test_a_category_is_checked_wherever_it_is_saved():
    of = category()
    of.rubric[0]["weight"] = "31"
    with pytest.raises(ValidationError, match="应为 100，现为 101"):
        of.full_clean()
    of = category()
    of.form["sections"][1]["dimension"] = "beauty"
    with pytest.raises(ValidationError, match="“beauty”不在评审维度里"):
        of.full_clean()


def test_the_page_shows_what_changes_and_then_writes_it(client):
    of = category()
    edition = result_edition()
    factories.sign_in(client, hat("office"))
    there = page("category_change", of)
    wrong = SimpleUploadedFile("x.json", changed(of, rubric=[]).encode())
    assert "1 至 10 个" in client.post(there, {"file": wrong}).content.decode()
    file = SimpleUploadedFile("x.json", b"\xef\xbb\xbf" + changed(of).encode())
    shown = client.post(there, {"file": file})
    words = shown.content.decode()
    assert "申报表新增“成果阶段”" in words and edition.title in words and "写入这 1 处改动" in words
    form = shown.context["form"]
    answer = client.post(there, {name: form[name].value() for name in ("text", "was")})
    assert answer.url == of.get_absolute_url()
    of.refresh_from_db()
    assert "stage" in json.dumps(of.form)
    again = client.post(there, {name: form[name].value() for name in ("text", "was")}, follow=True)
    assert "完全相同" in again.content.decode()
    assert client.post(there, {"was": "x"}, follow=True).status_code == 200


# --- the edition


def test_a_new_edition_starts_from_the_rubric_of_the_category_that_was_chosen(client):
    of = category()
    factories.sign_in(client, hat("office"))
    there = reverse("nominations:edition_new")
    assert "全员创新机制建设" in client.get(there).content.decode()
    shown = client.get(there, {"category": of.pk})
    words = shown.content.decode()
    assert "“推广价值”权重" in words and "问题的难度" in words and "“全员创新机制建设”权重" not in words
    assert client.get(there, {"category": "0"}).status_code == 404
    assert client.get(there, {"category": "x"}).status_code == 404
    form = shown.context["form"]
    data = {
        field.html_name: field.value()
        for field in form
        if field.value() not in (None, "") and field.value() is not False
    }
    data |= {"title": "2026年度演示成果", "weight_novelty": "35", "weight_spread": "15"}
    answer = client.post(there, data)
    made = Edition.objects.get(title="2026年度演示成果")
    assert answer.url == made.get_absolute_url()
    assert (made.category, [str(each.weight) for each in made.dimensions.all()]) == (
        of,
        ["35.00", "20.00", "30.00", "15.00"],
    )
    assert made.dimensions.get(code="novelty").subpoints == ["问题的难度", "创新点与原有做法的对照"]
    assert shape_of(made) == shape_of(result_edition())
    assert "category" not in client.get(page("edition_edit", made)).context["form"].fields


def test_an_edition_stays_of_its_category_and_a_category_without_rubric_holds_none(now):
    edition, office = factories.edition(), hat("office")
    with pytest.raises(Refused, match="请另设一届"):
        editions.change_edition(edition, by=office, now=now, category=category())
    bare = Category.objects.create(code="bare", name="演示类别")
    with pytest.raises(Refused, match="还没有评审维度"):
        editions.create_edition(by=office, now=now, host=edition.host, category=bare, title="演示", year=2026)
