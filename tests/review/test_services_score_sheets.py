"""专家评分表 both ways: out, filled in, back with three sides to every cell, kept as drafts once."""

import io
import re
import threading
import zipfile

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from nominations.models import Handout
from portal.errors import Refused
from portal.models import AuditEntry
from portal.roundtrip import NOW as THEIRS
from portal.workbook import WorkbookRefused, write
from review import services
from review.models import Conflict, Recusal, ScoreSheet
from review.services import score_sheets
from review.services.score_columns import columns_of
from review.services.score_reading import chosen_cells, read_sheets
from tests import factories
from tests.libreoffice import needs_libreoffice, saved
from tests.moments import NOW
from tests.review.conftest import assignment, declare, submit

pytestmark = pytest.mark.django_db

# The columns as Excel letters: A and B are hidden.
MECHANISM, MECHANISM_SAID, PLATFORM, EFFECT, COMMENT = "G", "H", "I", "K", "M"


def handed_out(place, expert=0):
    out = io.BytesIO()
    services_out = score_sheets.handout_sheets(place.edition, out, by=place.experts[expert], now=NOW)
    return services_out, out.getvalue()


def filled(data: bytes, cells: dict) -> bytes:
    """The workbook with these cells written, as Excel would save it."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def brought(place, data, expert=0):
    """Kept, with the diff of its preview."""
    hat = place.experts[expert]
    kept = score_sheets.keep_sheets(place.edition, data, by=hat, now=NOW)
    return kept, read_sheets(place.edition, data, by=hat, now=NOW)


def applied(place, data, expert=0, **how):
    kept, diff = brought(place, data, expert)
    return score_sheets.apply_sheets(
        kept, by=place.experts[expert], now=NOW, choices=chosen_cells(diff, **how)
    )


def rows_of(data: bytes) -> list[list]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]


def save(place, expert, nomination, **what):
    task = assignment(place, expert, nomination)
    sheet = getattr(task, "sheet", None)
    return services.save_sheet(
        task,
        **{"scores": {}, **what},
        version=sheet.version if sheet else 0,
        by=place.experts[expert],
        now=NOW,
    )


def said_by(place, expert, nomination):
    sheet = ScoreSheet.objects.get(assignment=assignment(place, expert, nomination))
    return {score.dimension.code: str(score.points) for score in sheet.scores.all()}


def begun(place):
    """The first expert has declared for all three and begun the second."""
    declare(place, 0, 0, 1, 2)
    save(place, 0, 1, scores={"mechanism": "72.5"}, remarks={"mechanism": "有制度"}, comment="先记一笔")
    return place


@pytest.fixture
def mine(reviewed):
    return begun(reviewed)


def test_only_what_is_mine_declared_and_open_goes_out(mine):
    submit(mine, 0, 2, 90, 90, 90)
    handout, data = handed_out(mine)
    assert handout.kind == Handout.Kind.SCORES and len(handout.rows) == 2
    first, second = rows_of(data)
    names = [each.subject_name for each in mine.nominations]
    assert (first[4], second[4]) == (names[0], names[1])
    assert second[3] == mine.nominations[1].enterprise.credit_code
    assert second[5] == "青岛市市南区总工会" or second[5] == mine.nominations[1].recommender.name
    assert first[6:13] == [None] * 7
    assert second[6:13] == [72.5, "有制度", None, None, None, None, "先记一笔"]
    entry = AuditEntry.objects.get(act="review.hand_out_sheets")
    assert entry.detail == {"rows": 2}


@pytest.mark.parametrize("aside", ["undeclared", "recused", "barred", "submitted"])
def test_what_may_not_be_written_on_is_not_handed_out(reviewed, aside):
    declare(reviewed, 0, 0)
    hat, task = reviewed.experts[0], assignment(reviewed, 0, 1)
    if aside == "recused":
        declare(reviewed, 0, 1)
        services.recuse(task, kind=Recusal.Kind.KINSHIP, by=hat, now=NOW)
    elif aside == "barred":
        declare(reviewed, 0, 1)
        pin(task, reviewed)
    elif aside == "submitted":
        submit(reviewed, 0, 1, 80, 80, 80)
    handout, _data = handed_out(reviewed)
    assert list(handout.rows) == [str(assignment(reviewed, 0, 0).pk)]


def pin(task, place):
    Conflict.objects.update_or_create(
        member=task.member,
        nomination=task.nomination,
        defaults={
            "state": Conflict.State.PINNED_CONFLICT,
            "source": Conflict.Source.OFFICE,
            "reason": "演示",
            "set_at": NOW,
            "set_by": place.office,
        },
    )


def test_nothing_to_score_is_no_workbook(reviewed):
    with pytest.raises(Refused, match="没有可以离线评分的企业"):
        handed_out(reviewed)


def test_nobody_else_has_such_a_file(mine):
    for hat in (mine.office, factories.hat("recommender"), factories.hat("auditor"), mine.science):
        with pytest.raises(PermissionDenied):
            score_sheets.handout_sheets(mine.edition, io.BytesIO(), by=hat, now=NOW)
        with pytest.raises(PermissionDenied):
            score_sheets.keep_sheets(mine.edition, handed_out(mine)[1], by=hat, now=NOW)


def test_the_form_is_locked_but_for_the_answers_and_takes_half_points(mine):
    sheet = openpyxl.load_workbook(io.BytesIO(handed_out(mine)[1])).worksheets[0]
    assert sheet.protection.sheet
    assert sheet.column_dimensions["A"].hidden and sheet.column_dimensions["B"].hidden
    locked = {cell.column_letter: cell.protection.locked for cell in sheet[4]}
    assert {letter for letter, shut in locked.items() if not shut} == set("GHIJKLM")
    rule = next(each for each in sheet.data_validations.dataValidation if "G4:G6" in str(each.sqref))
    assert rule.formula1 == "AND(ISNUMBER(G4),G4>=0,G4<=100,MOD(G4*2,1)=0)"
    assert sheet["N5"].value == '=IF(COUNT(G5,I5,K5)=0,"",ROUND((N(G5)*35+N(I5)*30+N(K5)*35)/100,2))'


def test_the_second_sheet_says_how_and_what_to_look_at(mine):
    dimension = mine.edition.dimensions.first()
    dimension.subpoints, dimension.guidance = ["有没有制度", "是否兑现"], "看近三年"
    dimension.save()
    guide = openpyxl.load_workbook(io.BytesIO(handed_out(mine)[1]))["填写说明"]
    told = {row[0].value: row[1].value for row in guide.iter_rows()}
    assert told[f"{dimension.name}（权重 35）"] == "1. 有没有制度\n2. 是否兑现\n看近三年"
    assert "提交" in told and "0 到 100" in told["怎么填"]


def test_a_filled_in_file_becomes_drafts(mine):
    data = filled(
        handed_out(mine)[1],
        {
            f"{MECHANISM}4": 80,
            f"{MECHANISM_SAID}4": "机制完备",
            f"{PLATFORM}4": 70.5,
            f"{EFFECT}4": "90",
            f"{MECHANISM}5": 75,
            f"{COMMENT}5": None,
        },
    )
    written = applied(mine, data)
    assert len(written) == 2 and all(each.submitted_at is None for each in written)
    assert said_by(mine, 0, 0) == {"mechanism": "80.0", "platform": "70.5", "effect": "90.0"}
    assert said_by(mine, 0, 1) == {"mechanism": "75.0"}
    second = ScoreSheet.objects.get(assignment=assignment(mine, 0, 1))
    assert second.comment == "" and second.remarks == {"mechanism": "有制度"}
    entry = AuditEntry.objects.get(act="review.score_offline")
    assert entry.detail["rows"] == 2 and "机制完备" not in str(entry.detail) and "80" not in entry.detail


def test_a_blank_clears_and_an_untouched_cell_keeps_what_was_saved_since(mine):
    _handout, data = handed_out(mine)
    save(mine, 0, 1, scores={"platform": "60"})
    applied(mine, filled(data, {f"{MECHANISM}5": None}))
    assert said_by(mine, 0, 1) == {"platform": "60.0"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (70.3, "0.5 的整数倍"),
        (100.5, "太大"),
        (-1, "太小"),
        ("优", "不是数字"),
        (True, "逻辑值"),
    ],
)
def test_each_error_says_its_cell_and_nothing_is_written(mine, value, words):
    data = filled(handed_out(mine)[1], {f"{PLATFORM}5": value, f"{MECHANISM}4": 80})
    with pytest.raises(WorkbookRefused) as refusal:
        brought(mine, data)
    (error,) = refusal.value.errors
    assert (error.row, error.column_letter, error.column_name) == (5, "I", "全员创新平台载体建设")
    assert words in str(error)
    assert ScoreSheet.objects.count() == 1


def test_a_remark_too_long_says_its_cell(mine):
    data = filled(handed_out(mine)[1], {f"{MECHANISM_SAID}4": "长" * 501})
    with pytest.raises(WorkbookRefused) as refusal:
        brought(mine, data)
    assert [(each.row, each.column_letter) for each in refusal.value.errors] == [(4, "H")]


def test_where_both_moved_each_cell_is_chosen(mine):
    _handout, data = handed_out(mine)
    save(mine, 0, 1, scores={"mechanism": "60", "platform": "61"}, comment="屏幕上改的")
    data = filled(data, {f"{MECHANISM}5": 90, f"{PLATFORM}5": 91, f"{EFFECT}5": 92})
    kept, diff = brought(mine, data)
    (row,) = diff.of("conflict")
    assert [(c.column, c.base, c.now, c.yours, c.clash) for c in row.cells] == [
        ("points_mechanism", "72.5", "60", "90", True),
        ("points_platform", "", "61", "91", True),
        ("points_effect", "", "", "92", False),
    ]
    hat = mine.experts[0]
    with pytest.raises(Refused, match="没有选择用哪一份"):
        score_sheets.apply_sheets(kept, by=hat, now=NOW, choices={"digest": diff.digest, "cells": {}})
    sides = {row.key: {"points_mechanism": "yours", "points_platform": "now"}}
    score_sheets.apply_sheets(kept, by=hat, now=NOW, choices={"digest": diff.digest, "cells": sides})
    assert said_by(mine, 0, 1) == {"mechanism": "90.0", "platform": "61.0", "effect": "92.0"}
    assert ScoreSheet.objects.get(assignment=assignment(mine, 0, 1)).comment == "屏幕上改的"


def test_all_kept_as_they_are_now_writes_nothing(mine):
    _handout, data = handed_out(mine)
    save(mine, 0, 1, scores={"mechanism": "60"})
    with pytest.raises(Refused, match="没有要写入的内容"):
        applied(mine, filled(data, {f"{MECHANISM}5": 90}), side=THEIRS)


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [("submitted", "已经提交"), ("recused", "已办理回避"), ("barred", "须回避"), ("gone", "不再由您评审")],
)
def test_a_sheet_closed_meanwhile_is_refused_by_name_and_the_rest_is_written(mine, meanwhile, words):
    _handout, data = handed_out(mine)
    data = filled(data, {f"{MECHANISM}4": 80, f"{MECHANISM}6": 66})
    task = assignment(mine, 0, 2)
    if meanwhile == "submitted":
        submit(mine, 0, 2, 50, 50, 50)
    elif meanwhile == "recused":
        services.recuse(task, kind=Recusal.Kind.KINSHIP, by=mine.experts[0], now=NOW)
    elif meanwhile == "barred":
        pin(task, mine)
    else:
        task.delete()
    kept, diff = brought(mine, data)
    (row,) = diff.of("closed")
    assert row.name == mine.nominations[2].subject_name and words in str(row.reason)
    written = score_sheets.apply_sheets(kept, by=mine.experts[0], now=NOW, choices=chosen_cells(diff))
    assert [each.assignment.nomination for each in written] == [mine.nominations[0]]
    assert not ScoreSheet.objects.filter(assignment=task.pk, scores__points=66).exists()


def test_submitted_between_preview_and_applying_stops_the_whole_file(mine):
    data = filled(handed_out(mine)[1], {f"{MECHANISM}4": 80, f"{MECHANISM}6": 66})
    kept, diff = brought(mine, data)
    submit(mine, 0, 2, 50, 50, 50)
    with pytest.raises(Refused, match="预览之后有内容变动"):
        score_sheets.apply_sheets(kept, by=mine.experts[0], now=NOW, choices=chosen_cells(diff))
    assert not ScoreSheet.objects.filter(assignment=assignment(mine, 0, 0)).exists()


def test_a_file_is_applied_once_and_a_step_that_is_closed_takes_none(mine):
    data = filled(handed_out(mine)[1], {f"{MECHANISM}4": 80})
    kept, diff = brought(mine, data)
    hat = mine.experts[0]
    score_sheets.apply_sheets(kept, by=hat, now=NOW, choices=chosen_cells(diff))
    with pytest.raises(Refused, match="已经导入过"):
        score_sheets.apply_sheets(kept, by=hat, now=NOW, choices=chosen_cells(diff))
    step = mine.edition.step("review")
    kept, diff = brought(mine, filled(data, {f"{MECHANISM}4": 81}))
    step.closed_at, step.closed_by = NOW, mine.office
    step.save()
    with pytest.raises(Refused, match="关闭"):
        score_sheets.apply_sheets(kept, by=hat, now=NOW, choices=chosen_cells(diff))


def test_another_experts_file_is_told_from_none(mine):
    declare(mine, 1, 0)
    data = filled(handed_out(mine)[1], {f"{MECHANISM}4": "优"})
    with pytest.raises(WorkbookRefused) as other:
        brought(mine, data, expert=1)
    handout = Handout.objects.get()
    handout.token = "0" * 32
    handout.save()
    with pytest.raises(WorkbookRefused) as unknown:
        brought(mine, data, expert=0)
    assert str(other.value) == str(unknown.value)
    assert "不是您从本届下载的" in str(other.value) and "优" not in str(other.value)
    elsewhere = factories.edition(title="演示另一届")
    with pytest.raises(WorkbookRefused, match="不是您从本届下载的"):
        read_sheets(elsewhere, data, by=mine.experts[0], now=NOW)


def test_who_uploads_applies(mine):
    kept, diff = brought(mine, filled(handed_out(mine)[1], {f"{MECHANISM}4": 80}))
    with pytest.raises(Refused, match="上传文件的人"):
        score_sheets.apply_sheets(kept, by=mine.experts[1], now=NOW, choices=chosen_cells(diff))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"A4": "999999"}, "不是下载时就有的"),
        ({"B4": 7}, "版本被改动过"),
        ({"D4": factories.credit_code(77)}, "对不上"),
        ({"E4": "另一家企业"}, "对不上"),
    ],
)
def test_a_row_whose_key_does_not_fit_is_refused(mine, cells, words):
    with pytest.raises(WorkbookRefused, match=words):
        brought(mine, filled(handed_out(mine)[1], cells))


def test_a_copied_row_is_refused(mine):
    _handout, data = handed_out(mine)
    first = rows_of(data)[0]
    cells = {f"{letter}7": value for letter, value in zip("ABCDEF", first, strict=False)}
    with pytest.raises(WorkbookRefused, match="与第 4 行是同一家"):
        brought(mine, filled(data, cells))


def test_a_workbook_made_by_hand_is_refused(mine):
    out = io.BytesIO()
    write(out, "专家评分表", columns_of(mine.edition, list(mine.edition.dimensions.all())), [{"name": "甲"}])
    with pytest.raises(WorkbookRefused, match="不是从这里下载的评分表"):
        brought(mine, out.getvalue())


def test_nothing_of_anybody_else_is_in_the_bytes(mine):
    """Unmistakable values of another expert, of every kind, and the means they would make."""
    for nomination in (0, 1):
        declare(mine, 1, nomination)
        save(
            mine,
            1,
            nomination,
            scores={"mechanism": "13.5", "platform": "17.5", "effect": "19.5"},
            remarks={"effect": "他人评语独此一句"},
            comment="他人总评语独此一句",
        )
    submit(mine, 2, 0, 13.5, 17.5, 19.5)
    _handout, data = handed_out(mine)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        everything = "\n".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    for value in ("13.5", "17.5", "19.5", "16.8", "独此一句", "E02", "E03"):
        assert value not in everything
    assert mine.experts[1].user.full_name not in everything
    assert re.search(r"72\.5", everything)
    assert Handout.objects.get().rows.keys() == {str(assignment(mine, 0, n).pk) for n in range(3)}


@needs_libreoffice
def test_saved_by_libreoffice_it_comes_back_the_same(mine, tmp_path):
    """Its formulas hold figures then; nothing of them is asked for."""
    data = saved(filled(handed_out(mine)[1], {f"{MECHANISM}4": 80.5}), tmp_path)
    kept, diff = brought(mine, data)
    assert [(row.kind, [(c.column, c.yours) for c in row.cells]) for row in diff.asked] == [
        ("changed", [("points_mechanism", "80.5")])
    ]
    assert len(diff.of("same")) == 2 and diff.notices == []
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    assert float(book.worksheets[0]["N4"].value) == pytest.approx(28.18)
    score_sheets.apply_sheets(kept, by=mine.experts[0], now=NOW, choices=chosen_cells(diff))
    assert said_by(mine, 0, 0) == {"mechanism": "80.5"}


def test_the_number_of_queries_does_not_grow_with_the_sheets(mine, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        _handout, data = handed_out(mine)
    with django_assert_max_num_queries(12):
        read_sheets(mine.edition, data, by=mine.experts[0], now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_screen_and_the_file_at_once_leave_one_whole_sheet(mine):
    """Whichever is first, the other is told; nothing is half of each."""
    kept, diff = brought(mine, filled(handed_out(mine)[1], {f"{MECHANISM}6": 66}))
    outcomes = []

    def run(name, work):
        try:
            work()
            outcomes.append(name)
        except Refused:
            pass
        finally:
            connection.close()

    hat = mine.experts[0]
    task = assignment(mine, 0, 2)
    scores = {"mechanism": "50", "platform": "50", "effect": "50"}
    works = {
        "file": lambda: score_sheets.apply_sheets(kept, by=hat, now=NOW, choices=chosen_cells(diff)),
        "screen": lambda: services.submit_sheet(task, scores=scores, version=0, by=hat, now=NOW),
    }
    threads = [threading.Thread(target=run, args=pair) for pair in works.items()]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(outcomes) == 1
    expected = {"mechanism": "66.0"} if outcomes == ["file"] else dict.fromkeys(scores, "50.0")
    assert said_by(mine, 0, 2) == expected
