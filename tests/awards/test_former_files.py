"""历年命名表: what was named without the portal comes in whole or not at all, with every error named."""
# ruff: noqa: RUF001 - the look-alikes are what people type

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from awards import tasks
from awards.models import Honour
from awards.services import former, former_files
from nominations.models import Category, Enterprise, IntakeFile
from nominations.services import keeping
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from portal.workbook import WorkbookRefused, write
from tests import factories
from tests.awards.stage import AFTER
from tests.libreoffice import needs_libreoffice, saved
from tests.races import overtaking

pytestmark = pytest.mark.django_db
KEYS = (
    *("year", "level", "category", "title", "subject", "name", "credit_code", "division_name"),
    *("industry", "number", "decision", "named_on", "namer"),
)
LETTERS = dict(zip("ABCDEFGHIJKLM", KEYS, strict=True))


@pytest.fixture(autouse=True)
def categories(db):
    Category.objects.get_or_create(
        code="qycx", defaults={"name": "全员创新企业", "certificate": True, "medal": True}
    )
    Category.objects.create(code="bz", name="演示班组", subject="team")


@pytest.fixture
def office():
    return factories.hat("office")


def line(n, **changes):
    """One sound line of the sheet, as an office writes it."""
    return {
        "year": 2021,
        "level": "市级",
        "category": "全员创新企业",
        "title": "2021年度演示称号",
        "name": f"演示往年企业{n}（演示）",
        "credit_code": factories.credit_code(n),
        "division_name": "市南区",
        "industry": "制造业",
        "number": f"演示旧号-{n}",
        "decision": "演示工发〔2021〕9号",
        "named_on": date(2021, 12, 20),
    } | changes


def book(lines):
    """The blank form, filled in as a person does: by the letters of its columns."""
    out = io.BytesIO()
    former_files.write_blank(out, by=factories.hat("office"))
    workbook = openpyxl.load_workbook(out)
    sheet = workbook.active
    for number, each in enumerate(lines, start=4):
        for letter, key in LETTERS.items():
            sheet[f"{letter}{number}"] = each.get(key)
    return packed(workbook)


def packed(workbook):
    out = io.BytesIO()
    workbook.save(out)
    out.seek(0)
    out.name = "历年命名表.xlsx"
    return out


def read(lines, by, now=AFTER):
    return former_files.read_former(book(lines), by=by, now=now)


def keep(lines, by, now=AFTER):
    return former_files.keep_former(book(lines), by=by, now=now)


def apply(kept, by, now=AFTER):
    return former_files.apply_former(kept, by=by, now=now)


def said(found):
    return [(each.row, each.column_name, str(each)) for each in found.errors]


# --- what comes in


def test_the_blank_form_offers_the_levels_of_the_office_and_the_categories():
    offered = {}
    for host in ("city", "市南区"):
        out = io.BytesIO()
        former_files.write_blank(out, by=factories.hat("office", host))
        sheet = openpyxl.load_workbook(out).active
        offered[host] = [
            each.formula1.strip('"').split(",") for each in sheet.data_validations.dataValidation
        ]
        assert [cell.value for cell in sheet[3]] == [
            *("年度", "级别", "类别", "称号", "命名对象", "企业名称", "统一社会信用代码", "所属区市"),
            *("所属行业", "命名编号", "命名文号", "命名日期", "命名单位"),
        ]
        assert sheet["G4"].number_format == sheet["J4"].number_format == "@"
    assert offered["city"][0] == ["省级", "市级", "区市级", "企业级"]
    assert offered["市南区"][0] == ["区市级", "企业级"]
    assert {"全员创新企业", "演示班组"} <= set(offered["city"][1]) == set(offered["市南区"][1])


def test_each_row_becomes_a_naming_and_the_record_has_one_line(office, client):
    known = factories.enterprise(1)
    lines = [
        line(1),
        line(1, year=2022, number="演示旧号-1乙", named_on=date(2022, 12, 20)),
        line(2, level="省级", namer="演示省总工会", title="演示省级称号"),
        line(3, category="演示班组", subject="演示一班"),
        line(4, level="企业级", division_name=None, industry=None, decision=None),
        line(5, level="区市级", namer="演示区总工会"),
    ]
    kept = keep(lines, office)
    assert (kept.edition, kept.kind, kept.total) == (None, "former", 6)
    made = apply(kept, office)
    assert [(each.subject_name, each.year, each.level, each.named_by_words) for each in made] == [
        ("演示往年企业1（演示）", 2021, "city", "青岛市总工会"),
        ("演示往年企业1（演示）", 2022, "city", "青岛市总工会"),
        ("演示往年企业2（演示）", 2021, "province", "演示省总工会"),
        ("演示一班", 2021, "city", "青岛市总工会"),
        ("演示往年企业4（演示）", 2021, "enterprise", "演示往年企业4（演示）"),
        ("演示往年企业5（演示）", 2021, "district", "演示区总工会"),
    ]
    assert {each.host for each in made} == {office.organisation}
    assert {each.named_by for each in made} == {office} and len({each.token for each in made}) == 6
    assert made[0].enterprise == known and Enterprise.objects.count() == 5
    assert made[3].subject_key.startswith(factories.credit_code(3) + "-")
    entry = AuditEntry.objects.get(act="awards.import_former")
    assert entry.subject_id == str(office.organisation_id)
    assert entry.detail == {
        "sha256": kept.sha256,
        "rows": 6,
        "levels": {"city": 3, "province": 1, "enterprise": 1, "district": 1},
        "years": [2021, 2022],
        "numbers": ["演示旧号-1", "演示旧号-1乙", *(f"演示旧号-{n}" for n in (2, 3, 4, 5))],
    }
    assert not AuditEntry.objects.filter(act="awards.enter_former").exists()
    shown = client.get("/awards/registry/").content.decode()
    assert "演示旧号-3" in shown and "演示旧号-5" in shown


def test_applied_twice_enters_once(office):
    kept = keep([line(1), line(2)], office)
    apply(kept, office)
    with pytest.raises(Refused, match="已经导入过"):
        apply(kept, office)
    assert Honour.objects.count() == 2
    again = read([line(1), line(2)], office)
    assert len(again.errors) == 4 and again.rows == []


def test_what_is_looked_at_twice_does_not_refuse(office):
    factories.honour(
        factories.enterprise(1),
        host=office.organisation,
        year=2020,
        number="演示更早-1",
        named_on=date(2020, 12, 1),
        named_by=office,
    )
    near = Enterprise.objects.create(
        credit_code=factories.credit_code(99), name="青岛海燕机械有限公司（演示）"
    )
    found = read(
        [
            line(1, name="改名以前的演示企业（演示）"),
            line(2, credit_code=factories.credit_code(2, division="110101")),
            line(3, name="海燕机械有限公司（演示）"),
            line(4),
            line(4, year=2022, named_on=date(2022, 1, 5), number="演示旧号-4乙", name="又一名称（演示）"),
            line(5, name="演示往年企业4（演示）"),
        ],
        office,
    )
    assert found.errors == []
    words = {row.number: "；".join(map(str, row.warnings)) for row in found.warned}
    assert set(words) == {4, 5, 6, 8, 9}
    assert "企业名称不改，这项命名按表中的名称记载" in words[4]
    assert "登记地不在本市（110101）" in words[5]
    assert near.name in words[6] and near.credit_code in words[6]
    assert "与第 7 行是同一信用代码" in words[8] and "与第 7 行企业名称相同" in words[9]


def test_the_paper_says_the_name_of_then_and_the_enterprise_keeps_its_own(office):
    known = factories.enterprise(1)
    (made,) = apply(keep([line(1, name="改名以前的演示企业（演示）")], office), office)
    known.refresh_from_db()
    assert made.enterprise == known and known.name != "改名以前的演示企业（演示）"
    assert (made.subject_name, made.subject_key) == ("改名以前的演示企业（演示）", known.credit_code)


def test_a_new_enterprise_has_the_name_of_its_latest_naming(office):
    old = line(1, name="旧名（演示）")
    new = line(1, year=2022, named_on=date(2022, 3, 1), number="演示旧号-1乙", name="新名（演示）")
    made = apply(keep([new, old], office), office)
    assert {each.enterprise.name for each in made} == {"新名（演示）"}
    assert [each.subject_name for each in made] == ["新名（演示）", "旧名（演示）"]


# --- what is refused

#: What is changed in one sound line → column of the error and a part of what it says.
WRONG = [
    ({"credit_code": "91370202MA00000001"}, "统一社会信用代码", "信用代码"),
    ({"credit_code": factories.credit_code(1)[:-1] + "?"}, "统一社会信用代码", "第 18 位"),
    ({"credit_code": "9137"}, "统一社会信用代码", "应为 18 位"),
    ({"credit_code": None}, "统一社会信用代码", "没有填写"),
    ({"level": "国家级"}, "级别", "不在可选内容中"),
    ({"level": None}, "级别", "没有填写"),
    ({"category": "没有的类别"}, "类别", "不在可选内容中"),
    ({"year": "去年"}, "年度", "不是整数"),
    ({"year": 1900}, "年度", "太小"),
    ({"year": None}, "年度", "没有填写"),
    ({"title": None}, "称号", "没有填写"),
    ({"title": "长" * 121}, "称号", "太长"),
    ({"name": None}, "企业名称", "没有填写"),
    ({"number": None}, "命名编号", "没有填写"),
    ({"number": "2021-QYCX-07"}, "命名编号", "由系统编排"),
    ({"number": "２０２１-qycx-07"}, "命名编号", "由系统编排"),
    ({"number": "演练-3-2021-QYCX-01"}, "命名编号", "由系统编排"),
    ({"number": "演示已有-2"}, "命名编号", "已经登记给“演示已有企业（演示）”（2021 年）"),
    ({"number": "演示已有 -２"}, "命名编号", "已经登记给"),
    ({"number": date(2021, 3, 4)}, "命名编号", "变成了日期"),
    ({"named_on": None}, "命名日期", "没有填写"),
    ({"named_on": "二〇二一年底"}, "命名日期", "读不准是哪一天"),
    ({"named_on": date(2020, 12, 31)}, "命名日期", "早于 2021 年度"),
    ({"named_on": date(2026, 10, 11)}, "命名日期", "还没有到"),
    ({"subject": "演示一班"}, "命名对象", "命名的是企业，不填写命名对象"),
    ({"category": "演示班组"}, "命名对象", "没有填写命名对象；“演示班组”命名的是班组"),
    ({"level": "省级"}, "命名单位", "没有填写命名单位"),
    ({"level": "区市级"}, "命名单位", "没有填写命名单位"),
    ({"name": "=1+1"}, "企业名称", "公式"),
]  # fmt: skip


@pytest.fixture
def there(office):
    """Named in 2019, and once more in 2021."""
    enterprise = factories.enterprise(77, name="演示已有企业（演示）")
    for year in (2019, 2021):
        factories.honour(
            enterprise, host=office.organisation, year=year, number=f"演示已有-{1 if year == 2019 else 2}",
            named_on=date(year, 12, 1), named_by=office,
        )  # fmt: skip


@pytest.mark.parametrize("changes, column, says", WRONG)
def test_a_wrong_cell_is_named_with_its_place(office, there, changes, column, says):
    found = read([line(1), line(2, **changes)], office)
    assert [(row, name) for row, name, _text in said(found)] == [(5, column)]
    assert says in said(found)[0][2]
    with pytest.raises(WorkbookRefused):
        apply(keep([line(1), line(2, **changes)], office), office)
    assert Honour.objects.count() == 2


def test_one_naming_is_not_entered_twice(office, there):
    found = read(
        [
            line(1),
            line(2, number="演示旧号-１"),
            line(1, number="演示旧号-3"),
            line(77, number="演示旧号-4"),
            line(5, category="演示班组", subject="演示一班"),
            line(5, category="演示班组", subject="演示 一班", number="演示旧号-6"),
            line(5, category="演示班组", subject="演示二班", number="演示旧号-7"),
            line(77, number="演示旧号-8", level="企业级"),
            line(77, number="演示旧号-9", year=2022, named_on=date(2022, 9, 1)),
            line(78, number="演示旧号-1", year=2020),
        ],
        office,
    )
    assert [(row, column) for row, column, _text in said(found)] == [
        (5, "命名编号"),
        (6, "统一社会信用代码"),
        (7, "统一社会信用代码"),
        (9, "统一社会信用代码"),
    ]
    texts = [text for _row, _column, text in said(found)]
    assert "与第 4 行重复" in texts[0] and "与第 4 行是同一项命名" in texts[1]
    assert "2021 年市级“全员创新企业”的命名已经登记，编号 演示已有-2" in texts[2]
    assert "与第 8 行是同一项命名" in texts[3]


@pytest.mark.parametrize("level", ["省级", "市级"])
def test_a_union_enters_its_own_levels_only(level):
    union = factories.hat("office", "市南区")
    found = read(
        [line(1, level=level, namer="演示"), line(2, level="区市级"), line(3, level="企业级")], union
    )
    assert [(row, column) for row, column, _text in said(found)] == [(4, "级别")]
    assert f"{level}的命名由市总工会登记；本单位只能登记区市级、企业级的命名" in said(found)[0][2]
    assert len(found.rows) == 2


def odd(kind):
    workbook = openpyxl.load_workbook(book([line(1), line(2)]))
    sheet = workbook.active
    if kind == "merged":
        sheet.merge_cells("H4:H5")
    elif kind == "no number column":
        sheet.delete_cols(10)
    elif kind == "no rows":
        sheet.delete_rows(4, 2)
    elif kind == "other header":
        sheet.delete_rows(3)
    return packed(workbook).read()


@pytest.mark.parametrize(
    "data, says",
    [
        (lambda: odd("merged"), "合并单元格"),
        (lambda: odd("no number column"), "命名编号"),
        (lambda: odd("no rows"), "没有数据"),
        (lambda: odd("other header"), "表头"),
        (lambda: b"", "空"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "xlsx"),
        (lambda: "年度,级别\n2021,市级\n".encode(), "xlsx"),
        (lambda: book([{"year": 2021}] * 10_001).read(), "5000 行"),
    ],
    ids=["merged", "no number column", "no rows", "other header", "empty", "xls", "csv", "10 001 rows"],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(office, data, says):
    with pytest.raises(WorkbookRefused) as refused:
        apply(former_files.keep_former(io.BytesIO(data()), by=office, now=AFTER), office)
    assert any(says in str(each) for each in refused.value.errors)
    assert not Honour.objects.exists()


def test_a_header_further_down_and_a_column_of_their_own_are_no_matter(office):
    workbook = openpyxl.load_workbook(book([line(1), line(2)]))
    sheet = workbook.active
    sheet.insert_rows(1, 2)
    sheet["N5"], sheet["N6"] = "本单位另加的列", "x"
    found = former_files.read_former(packed(workbook), by=office, now=AFTER)
    assert found.errors == [] and [row.number for row in found.rows] == [6, 7]
    assert any("本单位另加的列" in str(each) for each in found.notices)


# --- many


def many(count):
    return [
        line(n, year=2019 + n % 4, named_on=date(2024, 1, 9), level=("市级", "企业级")[n % 2])
        for n in range(1, count + 1)
    ]


def test_five_hundred_with_forty_errors_enter_nothing_and_put_right_enter_all(office, there):
    lines = many(500)
    kinds = [changes for changes, _column, _says in WRONG[:-1]]
    spoilt = {}
    for n in range(40):
        place = 3 + n * 12
        changes = kinds[n % len(kinds)]
        lines[place] = lines[place] | {"year": 2021, "level": "市级"} | changes
        if "number" in changes:
            lines[place]["number"] = changes["number"]
        spoilt[place + 4] = changes
    found = read(lines, office)
    assert sorted({each.row for each in found.errors}) == sorted(spoilt)
    kept = keep(lines, office)
    with pytest.raises(WorkbookRefused) as refused:
        apply(kept, office)
    assert {each.row for each in refused.value.errors} == set(spoilt)
    assert Honour.objects.count() == 2 and Enterprise.objects.count() == 1
    assert not AuditEntry.objects.filter(act="awards.import_former").exists()
    made = apply(keep(many(500), office), office)
    assert len(made) == 500 and Honour.objects.count() == 502
    assert AuditEntry.objects.get(act="awards.import_former").detail.keys() == {
        "sha256", "rows", "levels", "years",
    }  # fmt: skip


def test_the_queries_do_not_grow_with_the_rows(office, django_assert_max_num_queries):
    few, more = (
        keep(many(10), office),
        keep([each | {"number": f"乙{each['number']}", "year": 2018} for each in many(50)], office),
    )
    for kept in (few, more):
        with django_assert_max_num_queries(22):
            apply(kept, office)
    assert Honour.objects.count() == 60


def again(kept):
    return IntakeFile.objects.get(pk=kept.pk)


def standing(kept):
    return keeping.standing(again(kept)).state


@pytest.fixture
def large(monkeypatch):
    """Two rows are too many to wait for."""
    monkeypatch.setattr(keeping, "AT_ONCE", 2)


def test_a_large_list_is_asked_for_once_and_applied_once(office, large):
    kept = keep(many(120), office)
    keeping.ask_file(kept, by=office, now=AFTER)
    assert standing(kept) == "waiting" and not Honour.objects.exists()
    assert tasks.apply_former_file(kept.pk) is True
    assert tasks.apply_former_file(kept.pk) is False
    assert (standing(kept), again(kept).done, Honour.objects.count()) == ("done", 120, 120)
    told = Notification.objects.get(event="awards.import_former", channel="site")
    assert told.recipient == office.user and told.url == f"/awards/honours/former/import/{kept.pk}/"
    assert told.edition_id is None


def test_a_lost_worker_is_made_up_for_by_the_sweep(office, large):
    kept = keep(many(3), office)
    keeping.ask_file(kept, by=office, now=AFTER - timedelta(minutes=5))
    assert keeping.stale_files(["former"], AFTER) == [kept.pk]
    tasks.resume_former_files()  # by the clock of the wall it is old
    tasks.resume_former_files()
    assert standing(kept) == "done" and Honour.objects.count() == 3


def test_a_fault_between_two_parts_leaves_nothing(office, large, monkeypatch):
    kept = keep(many(120), office)
    keeping.ask_file(kept, by=office, now=AFTER)
    whole, parts = former.write_all, []

    def broken(rows, *args, **kwargs):
        parts.append(len(rows))
        if len(parts) == 2:
            raise RuntimeError("演示")
        return whole(rows, *args, **kwargs)

    monkeypatch.setattr(former, "write_all", broken)
    tasks.apply_former_file(kept.pk)
    assert parts == [50, 50] and standing(kept) == "failed"
    assert "系统出错" in again(kept).problems[0]["problem"]
    assert not Honour.objects.exists() and not Enterprise.objects.exists()
    assert not AuditEntry.objects.filter(act="awards.import_former").exists()
    monkeypatch.undo()
    keeping.ask_file(kept, by=office, now=AFTER)
    tasks.apply_former_file(kept.pk)
    assert standing(kept) == "done" and Honour.objects.count() == 120


def test_what_was_entered_meanwhile_is_said_with_its_row(office, large):
    kept = keep(many(3), office)
    keeping.ask_file(kept, by=office, now=AFTER)
    apply(keep([line(9, number="演示旧号-2")], office), office)
    tasks.apply_former_file(kept.pk)
    (problem,) = again(kept).problems
    assert (problem["row"], problem["column"]) == (5, "J 命名编号")
    assert Honour.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_files_with_one_number_at_once():
    one, other = factories.hat("office"), factories.hat("office", username="second")
    files = [
        (keep([line(1), line(2, number="演示同号")], one), one),
        (keep([line(3), line(4, number="演示同号")], other), other),
    ]
    first, second = overtaking(*(lambda kept=kept, by=by: apply(kept, by) for kept, by in files))
    assert len(first) == 2
    assert isinstance(second, WorkbookRefused) and "已经登记给" in str(second)
    assert Honour.objects.count() == 2 and Enterprise.objects.count() == 2
    connection.close()


# --- who


def test_only_an_office_and_only_the_one_who_brought_it(office):
    for other in (factories.hat("auditor"), factories.hat("recommender"), factories.hat("admin")):
        with pytest.raises(PermissionDenied):
            read([line(1)], other)
    kept = keep([line(1)], office)
    with pytest.raises(Refused, match="由上传文件的人导入"):
        apply(kept, factories.hat("office", "市南区"))
    with pytest.raises(Refused, match="超过一小时"):
        apply(kept, office, AFTER + timedelta(hours=2))


@needs_libreoffice
def test_a_list_saved_by_libreoffice_comes_in(office, tmp_path):
    data = saved(book([line(1), line(2, category="演示班组", subject="演示一班")]).read(), tmp_path)
    made = apply(former_files.keep_former(io.BytesIO(data), by=office, now=AFTER), office)
    assert [(each.subject_name, each.named_on, each.number) for each in made] == [
        ("演示往年企业1（演示）", date(2021, 12, 20), "演示旧号-1"),
        ("演示一班", date(2021, 12, 20), "演示旧号-2"),
    ]


def test_nothing_read_as_a_formula_goes_out_again(office):
    out = io.BytesIO()
    write(out, "历年命名表", former_files.columns_of(Honour.Level.values), [{"name": "=1+1"}])
    assert openpyxl.load_workbook(out).active["F4"].data_type == "s"


# --- the pages


def at(name, *args):
    return reverse(f"awards:{name}", args=args)


def test_a_list_goes_in_by_the_pages(client, office, there):
    factories.sign_in(client, office)
    got = client.get(at("former_form"))
    assert "attachment" in got["Content-Disposition"] and got.content[:2] == b"PK"
    assert "统一社会信用代码（必填）" in client.get(at("former_import")).content.decode()
    bad = client.post(at("former_import"), {"file": SimpleUploadedFile("甲.xlsx", b"PK")})
    assert bad.status_code == 200 and "errorlist" not in bad.content.decode()
    where = client.post(at("former_import"), {"file": book([line(1), line(77), line(2, level="国家级")])}).url
    words = client.get(where).content.decode()
    for each in (
        "有 2 处需要改正",
        "G 统一社会信用代码",
        "编号 演示已有-2",
        "B 级别",
        "国家级",
        "改好后重新上传",
    ):
        assert each in words
    assert "导入这" not in words
    assert "没有导入" in client.post(where).content.decode() and Honour.objects.count() == 2
    where = client.post(at("former_import"), {"file": book([line(1), line(3, name="旧名（演示）")])}).url
    assert "导入这 2 项" in client.get(where).content.decode()
    done = client.post(where, follow=True).content.decode()
    assert "已导入 2 项命名" in done and "旧名（演示）" in done
    assert "已导入 2 行" in client.get(where).content.decode()
    assert "演示旧号-3" in client.get("/awards/registry/").content.decode()


def test_the_pages_of_a_large_list(client, office, large):
    factories.sign_in(client, office)
    where = client.post(at("former_import"), {"file": book([line(1), line(2), line(3)])}).url
    assert client.post(where).url == where
    waiting = client.get(where).content.decode()
    assert "已排队" in waiting and 'hx-trigger="every 1s"' in waiting and "刷新看进度" in waiting
    kept = IntakeFile.objects.get()
    poll = at("former_progress", kept.pk)
    assert "已排队" in client.get(poll).content.decode()
    factories.sign_in(client, factories.hat("office", "市北区"))
    assert client.get(where).status_code == client.get(poll).status_code == 404
    factories.sign_in(client, office)
    tasks.apply_former_file(kept.pk)
    done = client.get(poll).content.decode()
    assert "已导入 3 行" in done and "查看历年命名" in done and "hx-trigger" not in done
