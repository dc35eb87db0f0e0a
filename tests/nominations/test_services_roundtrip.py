"""推荐填报表 both ways: what went out comes back, whoever moved it about, and loses nothing of anybody's."""
# ruff: noqa: RUF001 - full-width figures are what people type

import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied

from nominations.models import Handout, IntakeFile, Nomination
from nominations.services import keeping, roundtrip
from nominations.services.declaring import save_declaration
from nominations.services.recommending import recommend
from nominations.services.roundreading import read_round
from portal.errors import Refused
from portal.models import AuditEntry
from portal.workbook import WorkbookRefused
from tests import factories
from tests.moments import NOW

pytestmark = pytest.mark.django_db
FOUNDED = date(2015, 3, 2)


@pytest.fixture
def edition():
    return factories.edition(now=NOW, seats=10, nominees=20)


@pytest.fixture
def office():
    return factories.hat("office")


@pytest.fixture
def union():
    return factories.hat("recommender")


def entered(edition, n, state="draft", **more):
    more = {"union_founded_on": FOUNDED, "rank": n} | more
    return factories.nomination(edition, n, state=state, **more)


def out(edition, by, unit=None):
    file = io.BytesIO()
    roundtrip.write_round(edition, file, by=by, now=NOW, unit=unit)
    return openpyxl.load_workbook(file)


class Paper:
    """The sheet by heading, as a person fills it in."""

    def __init__(self, workbook):
        self.workbook, self.sheet = workbook, workbook.active
        self.header = next(n for n in range(1, 20) if "企业名称" in [cell.value for cell in self.sheet[n]])
        self.columns = {cell.value: cell.column for cell in self.sheet[self.header] if cell.value}

    def cell(self, row, heading):
        return self.sheet.cell(row, self.columns[heading])

    def write(self, row, **cells):
        for heading, value in cells.items():
            self.cell(row, heading).value = value

    def first_blank(self):
        row = self.header + 1
        while self.cell(row, "企业名称").value:
            row += 1
        return row


NEW = {
    "企业名称": "云帆精密机械（演示）",
    "统一社会信用代码": factories.credit_code(71),
    "所属区市": "市南区",
    "企业性质": "民营",
    "所属行业": "制造业",
    "独立法人": "是",
    "职工人数": 300,
    "工会成立时间": date(2012, 5, 1),
    "工会会员数": 280,
    "联系人": "演示联系人",
    "联系电话": "19900000001",
    "主要事迹": "演示事迹",
    "事迹摘要": "演示摘要",
}


def back(workbook):
    file = io.BytesIO()
    workbook.save(file)
    file.seek(0)
    file.name = "推荐填报表.xlsx"
    return file


def read(edition, workbook, by, now=NOW):
    return read_round(edition, back(workbook), by=by, now=now)


def problems(edition, workbook, by):
    try:
        found = read(edition, workbook, by).errors
    except WorkbookRefused as refusal:
        found = refusal.errors
    return [(each.row, each.column_name, str(each)) for each in found]


def kinds(diff):
    return [row.kind for row in diff.rows]


def keep(edition, workbook, by):
    return roundtrip.keep_round(edition, back(workbook), by=by, now=NOW)


def seen(kept, side="yours", **chosen):
    """The choices a person makes on the preview of the kept file."""
    diff = read_round(kept.edition, kept.file, by=kept.uploaded_by, now=NOW)
    cells = {
        row.key: {cell.column: chosen.get(cell.column, side) for cell in row.cells if cell.clash}
        for row in diff.of("conflict")
    }
    return {"digest": diff.digest, "cells": cells}


def bring(edition, workbook, by, side="yours", **chosen):
    kept = keep(edition, workbook, by)
    return roundtrip.apply_round(kept, by=by, now=NOW, choices=seen(kept, side, **chosen))


def save(nomination, by, **declared):
    nomination.declaration.refresh_from_db()
    return save_declaration(nomination, by=by, now=NOW, version=nomination.declaration.version, **declared)


def test_it_goes_out_locked_and_typed_with_its_choices_offered(edition, union):
    one = entered(edition, 1, key_industry="高端装备", frontline_share=Decimal("72.50"))
    save(one, union, answers={"summary": "摘要", "capital": "1234.5678", "five_small": ["小发明", "小建议"]})
    book = out(edition, union)
    assert [sheet.title for sheet in book.worksheets][1:] == ["填写说明", "选项"]
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "visible", "hidden"]
    assert book.security.lockStructure
    paper = Paper(book)
    sheet = paper.sheet
    assert sheet.protection.sheet and not sheet.protection.password
    assert sheet.freeze_panes == "A4" and sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert [sheet.column_dimensions[letter].hidden for letter in "ABC"] == [True, True, False]
    locked = {heading for heading in paper.columns if paper.cell(4, heading).protection.locked}
    assert locked == {"行标识", "版本", "序号", "推荐单位", "统一社会信用代码"}
    assert not paper.cell(5, "统一社会信用代码").protection.locked
    assert paper.cell(4, "工会成立时间").value.date() == FOUNDED
    assert paper.cell(4, "联系电话").number_format == "@" == paper.cell(5, "联系电话").number_format
    assert paper.cell(5, "工会成立时间").number_format == "yyyy-mm-dd"
    assert paper.cell(4, "注册资本（万元）").value == 1234.5678
    assert paper.cell(4, "开展的“五小”活动").value == "小发明、小建议"
    rules = {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    letter = paper.cell(4, "十强产业").column_letter
    assert rules[letter].startswith("'选项'!$")
    assert Handout.objects.get().rows[str(one.pk)]["values"]["summary"] == "摘要"


def test_untouched_it_asks_for_nothing(edition, union):
    one = entered(edition, 1, recognitions=["高新技术企业", "瞪羚企业"], frontline_share=Decimal("66.60"))
    save(
        one,
        union,
        deeds=" 第一段  话 \r\n\r\n\r\n第二 段 ",
        answers={"benefit": "1200.50", "registered_on": "2010-01-02", "growth_paths": False},
    )
    entered(edition, 2, state="recommendation", note="=1+1")
    diff = read(edition, out(edition, union), union)
    assert kinds(diff) == ["same", "same"] and not diff.errors and not diff.absent
    with pytest.raises(Refused, match="没有要写入的内容"):
        bring(edition, out(edition, union), union)


def test_changes_cell_by_cell_and_new_ones(edition, union):
    entered(edition, 1)
    entered(edition, 2, state="recommendation")
    paper = Paper(out(edition, union))
    paper.write(4, 职工人数=455, 工会成立时间="２０１６.３.２", 企业名称="改名企业（演示）")
    paper.write(5, 推荐排序=7)
    paper.write(paper.first_blank(), **NEW, 推荐排序=3)
    paper.write(paper.first_blank(), 企业名称="尚缺内容（演示）", 统一社会信用代码=factories.credit_code(72))
    diff = read(edition, paper.workbook, union)
    assert kinds(diff) == ["changed", "changed", "new", "new"]
    told = {cell.column: (cell.now, cell.yours) for row in diff.rows for cell in row.cells}
    assert told == {
        "employees": ("300", "455"),
        "union_founded_on": ("2015-03-02", "2016-03-02"),
        "name": ("演示企业1（演示）", "改名企业（演示）"),
        "rank": ("2", "7"),
    }
    assert not Nomination.objects.filter(subject_name__startswith="云帆").exists()
    done = bring(edition, paper.workbook, union)
    assert (done.created, done.handed_in, done.changed) == (2, 1, 2)
    states = dict(edition.nominations.values_list("subject_name", "state"))
    assert states["云帆精密机械（演示）"] == "recommendation"
    assert states["尚缺内容（演示）"] == "draft"
    first = edition.nominations.get(subject_name="改名企业（演示）")
    assert (first.declaration.employees, first.declaration.union_founded_on) == (455, date(2016, 3, 2))
    assert edition.nominations.get(subject_name="演示企业2（演示）").rank == 7
    acts = list(AuditEntry.objects.filter(edition_id=edition.pk).values_list("act", flat=True))
    assert acts.count("nominations.import_round") == 1
    assert acts.count("nominations.edit") == 1 and acts.count("nominations.rank") == 1
    line = AuditEntry.objects.get(act="nominations.import_round")
    assert line.detail["new"] == 2 and line.detail["changed"] == 2
    assert line.detail["sha256"] == IntakeFile.objects.get().sha256


def test_a_cell_that_was_cleared_is_cleared(edition, union):
    one = entered(edition, 1, note="旧备注")
    save(one, union, answers={"period": "2025年度"})
    paper = Paper(out(edition, union))
    paper.write(4, 备注=None, 统计期间=None)
    bring(edition, paper.workbook, union)
    one.declaration.refresh_from_db()
    assert one.declaration.note == "" and "period" not in one.declaration.answers


def test_where_the_record_moved_meanwhile_both_are_shown_and_one_is_chosen(edition, union):
    one = entered(edition, 1)
    paper = Paper(out(edition, union))
    paper.write(4, 职工人数=455, 工会会员数=400, 联系人="表里的人")
    save(one, union, employees=333, contact_name="网上的人", industry="软件业")
    diff = read(edition, paper.workbook, union)
    assert kinds(diff) == ["conflict"]
    assert [(c.column, c.base, c.now, c.yours, c.clash) for c in diff.rows[0].cells] == [
        ("employees", "300", "333", "455", True),
        ("union_members", "280", "280", "400", False),
        ("contact_name", "演示联系人", "网上的人", "表里的人", True),
    ]
    kept = keep(edition, paper.workbook, union)
    with pytest.raises(Refused, match="没有选择"):
        roundtrip.apply_round(kept, by=union, now=NOW, choices=seen(kept) | {"cells": {}})
    bring(edition, paper.workbook, union, employees="now", contact_name="yours")
    one.declaration.refresh_from_db()
    facts = one.declaration
    assert (facts.employees, facts.union_members, facts.contact_name) == (333, 400, "表里的人")
    assert facts.industry == "软件业"


def test_what_moved_after_the_preview_needs_a_fresh_one(edition, union):
    one = entered(edition, 1)
    paper = Paper(out(edition, union))
    paper.write(4, 职工人数=455)
    kept = keep(edition, paper.workbook, union)
    choices = seen(kept)
    save(one, union, employees=333)
    with pytest.raises(Refused, match="预览之后有内容变动"):
        roundtrip.apply_round(kept, by=union, now=NOW, choices=choices)
    one.declaration.refresh_from_db()
    assert one.declaration.employees == 333


def test_one_recommended_meanwhile_is_refused_by_row_and_the_others_go(edition, union):
    one = entered(edition, 1, state="recommendation")
    entered(edition, 2)
    paper = Paper(out(edition, union))
    paper.write(4, 职工人数=455)
    paper.write(5, 职工人数=466)
    recommend([one], by=union, now=NOW, opinion="同意推荐")
    diff = read(edition, paper.workbook, union)
    assert kinds(diff) == ["closed", "changed"]
    assert "资格审查" in str(diff.rows[0].reason)
    bring(edition, paper.workbook, union)
    assert dict(edition.nominations.values_list("subject_key", "declaration__employees")) == {
        factories.credit_code(1): 300,
        factories.credit_code(2): 466,
    }


def test_rows_taken_out_stay_as_they_are_and_are_named(edition, union):
    entered(edition, 1)
    entered(edition, 2)
    paper = Paper(out(edition, union))
    paper.sheet.delete_rows(4)
    paper.write(4, 职工人数=466)
    diff = read(edition, paper.workbook, union)
    assert kinds(diff) == ["changed"] and diff.absent == ["演示企业1（演示）"]
    bring(edition, paper.workbook, union)
    assert edition.nominations.count() == 2


def test_columns_moved_rows_sorted_and_inserted_a_column_taken_out(edition, union):
    for n in (1, 2, 3):
        entered(edition, n, note=f"备注{n}")
    paper = Paper(out(edition, union))
    for n in (1, 2, 3):
        paper.write(3 + n, 职工人数=400 + n)
    sheet = paper.sheet
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=6)]
    order = list(range(len(lines[0])))[::-1]
    order.remove(paper.columns["备注"] - 1)
    other = openpyxl.Workbook()
    moved = other.active
    moved.append(["某区总工会的表"])
    moved.append([])
    moved.append(["自己加的", *(lines[0][n] for n in order)])
    moved.append([])
    for line in (lines[3], lines[1], lines[2]):
        moved.append(["x", *(line[n] for n in order)])
        moved.append([])
    hidden = other.create_sheet("随便")
    hidden.append(["下载编号", Handout.objects.get().token])
    hidden.sheet_state = "veryHidden"
    diff = read(edition, other, union)
    assert diff.errors == [] and kinds(diff) == ["changed"] * 3
    bring(edition, other, union)
    found = edition.nominations.values_list("subject_name", "declaration__employees", "declaration__note")
    assert sorted(found) == [(f"演示企业{n}（演示）", 400 + n, f"备注{n}") for n in (1, 2, 3)]


def spoil_key(paper):
    paper.write(5, 行标识="999999")


def spoil_version(paper):
    paper.write(5, 版本=9)


def copy_row(paper):
    for heading in paper.columns:
        paper.write(6, **{heading: paper.cell(5, heading).value})


def sort_without_keys(paper):
    for heading in ("统一社会信用代码", "企业名称"):
        one, two = paper.cell(4, heading).value, paper.cell(5, heading).value
        paper.write(4, **{heading: two})
        paper.write(5, **{heading: one})


def clear_name(paper):
    paper.write(5, 企业名称=None)


def formula(paper):
    paper.write(5, 职工人数="=1+1")


def words_for_a_figure(paper):
    paper.write(5, 职工人数="约三百")


def no_such_nature(paper):
    paper.write(5, 企业性质="个体")


def no_such_activity(paper):
    paper.write(5, **{"开展的“五小”活动": "小发明、小玩意"})


def new_without_code(paper):
    paper.write(6, 企业名称="只有名称（演示）")


def new_twice(paper):
    paper.write(6, **NEW)


def new_already_there(paper):
    paper.write(6, **NEW | {"统一社会信用代码": factories.credit_code(1)})


def new_of_another_union(paper):
    paper.write(6, **NEW, 推荐单位="市北区总工会")


def same_rank(paper):
    paper.write(5, 推荐排序=1)


@pytest.mark.parametrize(
    ("spoil", "row", "column", "words"),
    [
        (spoil_key, 5, "", "隐藏的标识不是下载时的"),
        (spoil_version, 5, "", "版本被改动过"),
        (copy_row, 6, "", "从第 5 行复制来的"),
        (sort_without_keys, 4, "统一社会信用代码", "与这一行隐藏的标识对不上"),
        (clear_name, 5, "企业名称", "不能清空"),
        (formula, 5, "职工人数", "公式"),
        (words_for_a_figure, 5, "职工人数", "不是整数"),
        (no_such_nature, 5, "企业性质", "不是可填的企业性质"),
        (no_such_activity, 5, "开展的“五小”活动", "“小玩意”不在可选的范围内"),
        (new_without_code, 6, "统一社会信用代码", "没有填写"),
        (new_already_there, 6, "统一社会信用代码", "已由“市南区总工会”推荐"),
        (new_of_another_union, 6, "推荐单位", "不是本单位"),
        (same_rank, 5, "推荐排序", "第 1 位已是“演示企业1（演示）”"),
    ],
)
def test_each_problem_names_its_place_and_nothing_is_kept(edition, union, spoil, row, column, words):
    entered(edition, 1)
    entered(edition, 2)
    paper = Paper(out(edition, union))
    spoil(paper)
    found = problems(edition, paper.workbook, union)
    assert found[0][:2] == (row, column)
    assert words in found[0][2]
    with pytest.raises(WorkbookRefused):
        keep(edition, paper.workbook, union)
    assert not IntakeFile.objects.exists()


def test_ranks_may_be_swapped(edition, union):
    entered(edition, 1)
    entered(edition, 2)
    paper = Paper(out(edition, union))
    paper.write(4, 推荐排序=2)
    paper.write(5, 推荐排序=1)
    bring(edition, paper.workbook, union)
    ranks = dict(edition.nominations.values_list("subject_key", "rank"))
    assert ranks == {factories.credit_code(1): 2, factories.credit_code(2): 1}


def test_a_file_without_a_token_is_shown_the_way_out(edition, union):
    workbook = openpyxl.Workbook()
    workbook.active.append(["企业名称", "统一社会信用代码"])
    ((row, _column, words),) = problems(edition, workbook, union)
    assert row is None and "导入推荐汇总表" in words


def test_another_unions_file_tells_nothing(edition, union, office):
    entered(edition, 1, recommender="市北区")
    other = factories.hat("recommender", "市北区")
    workbook = out(edition, other)
    ((row, _column, words),) = problems(edition, workbook, union)
    assert row is None and "演示企业1" not in words and "市北" not in words
    own = factories.edition(now=NOW)
    with pytest.raises(WorkbookRefused, match="不是本单位从本届下载的"):
        read(own, workbook, other)
    Handout.objects.all().delete()
    # One that never was is answered in the same words.
    assert problems(edition, workbook, union) == [(None, "", words)]


def test_a_union_takes_out_its_own_and_the_office_one_or_all(edition, union, office):
    entered(edition, 1)
    entered(edition, 2, recommender="市北区")
    entered(edition, 3, state="screening")
    assert [Paper(out(edition, union)).cell(4, "企业名称").value] == ["演示企业1（演示）"]
    for unit, names in (
        (None, ["演示企业1（演示）", "演示企业2（演示）"]),
        (factories.district("市北区"), ["演示企业2（演示）"]),
    ):
        paper = Paper(out(edition, office, unit))
        assert [paper.cell(4 + n, "企业名称").value for n in range(len(names))] == names
        assert paper.cell(4 + len(names), "企业名称").value is None


def test_only_those_who_fill_in_take_it_out(edition):
    for role in ("applicant", "department", "expert", "auditor"):
        with pytest.raises(PermissionDenied):
            out(edition, factories.hat(role))
    with pytest.raises(PermissionDenied):
        out(edition, factories.hat("office", "市南区"))


def test_the_office_enters_for_a_union_by_name(edition, office):
    paper = Paper(out(edition, office))
    paper.write(4, **NEW)
    assert [each[:2] for each in problems(edition, paper.workbook, office)] == [(4, "推荐单位")]
    paper.write(4, 推荐单位="市北区 总工会")
    done = bring(edition, paper.workbook, office)
    assert done.created == 1
    assert edition.nominations.get().recommender == factories.district("市北区")


def test_past_the_deadline_nothing_new_comes_in_by_a_union(edition, union):
    entered(edition, 1)
    paper = Paper(out(edition, union))
    paper.write(4, 职工人数=455)
    step = edition.step("recommendation")
    step.opens, step.closes = NOW - timedelta(days=3), NOW - timedelta(days=1)
    step.save()
    assert kinds(read(edition, paper.workbook, union)) == ["closed"]
    paper.write(5, **NEW)
    with pytest.raises(Refused, match="截止"):
        read(edition, paper.workbook, union)


def test_it_is_applied_once_by_its_own_hands_within_the_hour(edition, union):
    entered(edition, 1)
    paper = Paper(out(edition, union))
    paper.write(4, 职工人数=455)
    kept = keep(edition, paper.workbook, union)
    choices = seen(kept)
    with pytest.raises(Refused, match="上传文件的人"):
        roundtrip.apply_round(
            kept, by=factories.hat("recommender", username="second"), now=NOW, choices=choices
        )
    with pytest.raises(Refused, match="超过一小时"):
        roundtrip.apply_round(kept, by=union, now=NOW + timedelta(minutes=61), choices=choices)
    roundtrip.apply_round(kept, by=union, now=NOW, choices=choices)
    assert keeping.standing(kept.__class__.objects.get(pk=kept.pk)).state == "done"
    with pytest.raises(Refused, match="已经导入过"):
        roundtrip.apply_round(kept, by=union, now=NOW, choices=choices)
