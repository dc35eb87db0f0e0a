"""部门意见表 both ways: what went out comes back, whoever moved it about, and loses nothing of anybody's."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from nominations.models import Handout
from nominations.services import keeping
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from portal.workbook import WorkbookRefused
from review import services, tasks
from review.models import Opinion
from review.services.opinion_sheets import chosen_rows
from tests import factories
from tests.libreoffice import needs_libreoffice, saved
from tests.moments import NOW

DAY = date(2026, 5, 30)
HEADINGS = (
    *("行标识", "版本", "序号", "部门", "统一社会信用代码", "企业名称", "核查项"),
    *("结果", "说明", "何时起", "查询日期"),
)
RESULT, WHY, SINCE, LOOKED = 7, 8, 9, 10


def out(place, hat=None, by=None):
    hat = hat or place.science
    file = io.BytesIO()
    services.handout_answers(place.edition, hat.organisation, file, by=by or hat, now=NOW)
    return openpyxl.load_workbook(file)


def rows(workbook):
    return [row for row in workbook.active.iter_rows(min_row=4) if row[0].value]


def fill(row, answer="无异议", why=None, since=None, looked=DAY):
    row[RESULT].value, row[WHY].value, row[SINCE].value, row[LOOKED].value = answer, why, since, looked


def back(workbook):
    file = io.BytesIO()
    workbook.save(file)
    file.seek(0)
    file.name = "部门意见.xlsx"
    return file


def read(place, workbook, by=None):
    return services.read_answers(place.edition, back(workbook), by=by or place.science, now=NOW)


def problems(place, workbook, by=None):
    try:
        found = read(place, workbook, by).errors
    except WorkbookRefused as refusal:
        found = refusal.errors
    return [(each.row, each.column_name, str(each)) for each in found]


def keep(place, workbook, by=None):
    return services.keep_answers(place.edition, back(workbook), by=by or place.science, now=NOW)


def seen(place, kept, side="yours"):
    """The choices a person makes on the preview of the kept file."""
    return chosen_rows(services.read_answers(place.edition, kept.file, by=kept.uploaded_by, now=NOW), side)


def bring(place, workbook, side="yours", by=None):
    by = by or place.science
    kept = keep(place, workbook, by)
    return services.apply_answers(kept, by=by, now=NOW, choices=seen(place, kept, side))


def say(place, n, answer="problem", why="撤稿一篇", **more):
    facts = {"answer": answer, "explanation": why, "looked_up_on": DAY} | more
    return services.answer(place.nominations[n], place.kjj, by=place.science, now=NOW, **facts)


def kinds(diff):
    return [row.kind for row in diff.rows]


def test_it_goes_out_with_what_was_answered_and_comes_back(screened):
    say(screened, 0, why="=1+1", since=date(2024, 3, 1))
    workbook = out(screened)
    assert tuple(cell.value for cell in workbook.active[3]) == HEADINGS
    first, second, third = rows(workbook)
    assert [cell.value for cell in first][3:9] == [
        "市科技局",
        screened.nominations[0].enterprise.credit_code,
        screened.nominations[0].subject_name,
        "科研严重失信行为",
        "有问题",
        "=1+1",
    ]
    assert first[WHY].data_type == "s"
    assert first[SINCE].value.date() == date(2024, 3, 1)
    assert second[RESULT].value is None and second[LOOKED].number_format == "yyyy-mm-dd"
    fill(second)
    fill(third, "无法核查", "系统里查不到")
    diff = read(screened, workbook)
    assert kinds(diff) == ["same", "new", "new"]
    assert len(bring(screened, workbook)) == 2
    assert sorted(Opinion.objects.values_list("answer", flat=True)) == ["clear", "problem", "unable"]
    assert Opinion.objects.get(answer="problem").version == 1
    assert AuditEntry.objects.filter(act="review.import_answers").count() == 1
    # Once more and it says nothing new.
    assert kinds(read(screened, workbook)) == ["same", "same", "same"]


def test_a_row_without_a_result_is_left_alone(screened):
    say(screened, 0)
    workbook = out(screened)
    first, second, third = rows(workbook)
    fill(first, None, None, None, None)
    second[LOOKED].value = DAY
    fill(third)
    assert kinds(read(screened, workbook)) == ["blank", "blank", "new"]
    bring(screened, workbook)
    assert Opinion.objects.get(nomination=screened.nominations[0]).answer == "problem"
    assert Opinion.objects.count() == 2


def test_rows_may_be_sorted_and_removed_and_columns_moved(screened):
    workbook = out(screened)
    for n, row in enumerate(rows(workbook)):
        fill(row, "有问题", f"问题{n}")
    sheet = workbook.active
    sheet.protection.sheet = False
    lines = [[cell.value for cell in row] for row in rows(workbook)]
    order = [10, 5, 0, 7, 9, 4, 6, 8, 3, 2, 1]
    sheet.delete_rows(3, 10)
    sheet.append(["", *(HEADINGS[n] for n in order)])
    sheet.append([])
    for line in (lines[2], lines[0]):
        sheet.append([None, *(line[n] for n in order)])
    for letter in "ABCDEFGHIJKL":
        sheet.column_dimensions[letter].width = 33
    diff = read(screened, workbook)
    assert diff.errors == [] and diff.absent == 1
    bring(screened, workbook)
    told = dict(Opinion.objects.values_list("nomination", "explanation"))
    assert told == {screened.nominations[0].pk: "问题0", screened.nominations[2].pk: "问题2"}


def test_a_column_that_was_taken_out_is_not_emptied(screened):
    say(screened, 0)
    workbook = out(screened)
    fill(rows(workbook)[1])
    workbook.active.delete_cols(SINCE + 1)
    workbook.active.delete_cols(WHY + 1)
    diff = read(screened, workbook)
    assert kinds(diff)[:2] == ["same", "new"]
    assert any("保持原样" in str(each) for each in diff.notices)


def spoil_key(row, book):
    row[0].value = "999-999"


def spoil_version(row, book):
    row[1].value = 7


def lose_key(row, book):
    row[0].value = None


def swap_code(row, book):
    row[4].value = rows(book)[0][4].value


def copy_row(row, book):
    for n in (0, 1, 4, 6):
        row[n].value = rows(book)[0][n].value


def explain_only(row, book):
    fill(row, None, "情况说明")


def no_reason(row, book):
    fill(row, "有问题")


def tomorrow(row, book):
    fill(row, looked=date(2026, 6, 2))


def since_tomorrow(row, book):
    fill(row, "有问题", "处罚", since=date(2026, 6, 2))


def no_day(row, book):
    fill(row, looked=None)


def other_word(row, book):
    fill(row, "尚可")


def formula(row, book):
    fill(row, "有问题", "=A1")


@pytest.mark.parametrize(
    ("spoil", "column", "words"),
    [
        (spoil_key, "", "不是下载时就有的"),
        (spoil_version, "", "版本被改动过"),
        (lose_key, "", "不是下载时就有的"),
        (swap_code, "", "隐藏的标识对不上"),
        (copy_row, "", "与第 4 行是同一项"),
        (explain_only, "结果", "却没有选结果"),
        (no_reason, "说明", "没有填写说明"),
        (tomorrow, "查询日期", "晚于今天"),
        (since_tomorrow, "何时起", "晚于今天"),
        (no_day, "查询日期", "没有填写"),
        (other_word, "结果", "应为：无异议、有问题、无法核查"),
        (formula, "说明", "公式"),
    ],
)
def test_each_error_says_its_place_and_nothing_is_written(screened, spoil, column, words):
    workbook = out(screened)
    fill(rows(workbook)[0])
    spoil(rows(workbook)[1], workbook)
    (error,) = problems(screened, workbook)
    assert error[:2] == (5, column)
    assert words in error[2]
    with pytest.raises(WorkbookRefused):
        keep(screened, workbook)
    assert not Opinion.objects.exists()


def test_who_answered_meanwhile_is_shown_beside_and_one_is_chosen(screened):
    workbook = out(screened)
    fill(rows(workbook)[0])
    fill(rows(workbook)[1])
    say(screened, 0, why="处罚一次")
    diff = read(screened, workbook)
    assert kinds(diff) == ["conflict", "new", "blank"]
    assert {cell.column: (cell.now, cell.yours) for cell in diff.rows[0].cells}["answer"] == (
        "problem",
        "clear",
    )
    kept = keep(screened, workbook)
    with pytest.raises(Refused, match="没有选择"):
        services.apply_answers(
            kept, by=screened.science, now=NOW, choices=seen(screened, kept) | {"cells": {}}
        )
    bring(screened, workbook, "now")
    assert Opinion.objects.get(nomination=screened.nominations[0]).explanation == "处罚一次"
    assert Opinion.objects.filter(answer="clear").count() == 1
    # The other side, once it is chosen.
    bring(screened, workbook, "yours")
    assert Opinion.objects.get(nomination=screened.nominations[0]).answer == "clear"


def test_an_answer_that_moved_where_the_file_says_nothing_new_stays(screened):
    workbook = out(screened)
    say(screened, 0)
    assert kinds(read(screened, workbook)) == ["blank", "blank", "blank"]


def test_what_moved_after_the_preview_needs_a_fresh_one(screened):
    workbook = out(screened)
    fill(rows(workbook)[0])
    kept = keep(screened, workbook)
    choices = seen(screened, kept)
    say(screened, 0)
    with pytest.raises(Refused, match="预览之后有内容变动"):
        services.apply_answers(kept, by=screened.science, now=NOW, choices=choices)
    assert Opinion.objects.get().answer == "problem"


def test_it_is_applied_once(screened):
    workbook = out(screened)
    fill(rows(workbook)[0])
    kept = keep(screened, workbook)
    choices = seen(screened, kept)
    services.apply_answers(kept, by=screened.science, now=NOW, choices=choices)
    with pytest.raises(Refused, match="已经导入过"):
        services.apply_answers(kept, by=screened.science, now=NOW, choices=choices)


def test_who_is_past_screening_is_left_out_by_row(screened):
    workbook = out(screened)
    fill(rows(workbook)[0])
    fill(rows(workbook)[1])
    factories.bring(screened.nominations[0], "rejected")
    diff = read(screened, workbook)
    assert kinds(diff) == ["closed", "new", "blank"]
    assert len(bring(screened, workbook)) == 1


def test_another_departments_file_tells_nothing(screened):
    workbook = out(screened)
    fill(rows(workbook)[0])
    ((row, _column, words),) = problems(screened, workbook, by=screened.safety)
    assert row is None and "不是从本届的部门意见页面下载的" in words
    name = screened.nominations[0].subject_name
    assert name not in words
    other = factories.edition()
    asked = [(screened.science.organisation, "misconduct")]
    services.consult(other, asked, by=screened.office, now=NOW)
    with pytest.raises(WorkbookRefused, match="不是从本届的"):
        services.read_answers(other, back(workbook), by=screened.science, now=NOW)
    Handout.objects.all().delete()
    assert problems(screened, workbook) == problems(screened, workbook, by=screened.safety)


def test_the_office_brings_what_a_department_sent_it(screened):
    workbook = out(screened)
    fill(rows(workbook)[0])
    bring(screened, workbook, by=screened.office)
    assert Opinion.objects.get().answered_by == screened.office


def test_only_who_is_asked_downloads(screened):
    for hat in (screened.safety, factories.hat("recommender"), factories.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            services.handout_answers(
                screened.edition, screened.science.organisation, io.BytesIO(), by=hat, now=NOW
            )


def test_a_hand_made_list_goes_the_same_way(screened):
    from tests.review.test_services_workbooks import OPINIONS, book, line

    say(screened, 0)
    file = book(OPINIONS, [line(screened, 0), line(screened, 1, answer="有问题", explanation="撤稿")])
    kept = services.keep_answers(screened.edition, file, by=screened.science, now=NOW)
    diff = services.read_answers(screened.edition, kept.file, by=screened.science, now=NOW)
    assert kinds(diff) == ["changed", "new"]
    services.apply_answers(kept, by=screened.science, now=NOW, choices=chosen_rows(diff))
    assert list(Opinion.objects.order_by("nomination").values_list("answer", flat=True)) == [
        "clear",
        "problem",
    ]


@needs_libreoffice
def test_saved_by_libreoffice_it_comes_back(screened, tmp_path):
    say(screened, 0, why="第一行\n=1+1", since=date(2024, 3, 1))
    workbook = out(screened)
    _first, second, third = rows(workbook)
    fill(second)
    fill(third, "有问题", "处罚一次", date(2025, 1, 31))
    data = saved(back(workbook).read(), tmp_path)
    diff = services.read_answers(screened.edition, data, by=screened.science, now=NOW)
    assert diff.errors == [] and kinds(diff) == ["same", "new", "new"]
    kept = services.keep_answers(screened.edition, io.BytesIO(data), by=screened.science, now=NOW)
    services.apply_answers(kept, by=screened.science, now=NOW, choices=seen(screened, kept))
    assert Opinion.objects.get(nomination=screened.nominations[2]).since == date(2025, 1, 31)


# --- by the worker


def test_a_large_file_is_the_workers(screened, monkeypatch):
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    workbook = out(screened)
    for row in rows(workbook):
        fill(row)
    kept = keep(screened, workbook)
    assert keeping.is_large(kept)
    keeping.ask_file(kept, by=screened.science, now=NOW, choices=seen(screened, kept))
    tasks.apply_answers_file(kept.pk)
    tasks.apply_answers_file(kept.pk)
    kept.refresh_from_db()
    assert keeping.standing(kept).state == "done" and kept.done == 3
    assert Opinion.objects.filter(answer="clear", version=1).count() == 3
    assert Notification.objects.filter(event="review.import_answers", channel="site").count() == 1


def test_what_moved_before_the_worker_came_is_said(screened, monkeypatch):
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    workbook = out(screened)
    for row in rows(workbook):
        fill(row)
    kept = keep(screened, workbook)
    keeping.ask_file(kept, by=screened.science, now=NOW - timedelta(hours=1), choices=seen(screened, kept))
    say(screened, 0)
    tasks.resume_answers()
    kept.refresh_from_db()
    assert "预览之后有内容变动" in kept.problems[0]["problem"]
    assert Opinion.objects.count() == 1


def test_the_pages_choose_and_apply(client, screened):
    factories.sign_in(client, screened.science)
    got = client.get(reverse("review:answer_template", args=[screened.edition.pk]))
    workbook = openpyxl.load_workbook(io.BytesIO(got.content))
    for row in rows(workbook)[:2]:
        fill(row)
    say(screened, 0, why="处罚一次")
    upload = client.post(
        reverse("review:answer_workbook", args=[screened.edition.pk]), {"file": back(workbook)}
    )
    shown = client.get(upload.url)
    words = shown.content.decode()
    for each in (
        "将导入 2 项答复",
        "保留现在的：有问题，说明：处罚一次",
        "用文件中的：无异议",
        "1 行没有填结果",
    ):
        assert each in words
    digest = shown.context["diff"].digest
    assert "请选择用哪一份" in client.post(upload.url, {"digest": digest}).content.decode()
    client.post(upload.url, {"digest": digest, "rest": "now"})
    assert sorted(Opinion.objects.values_list("answer", flat=True)) == ["clear", "problem"]
    assert "已导入 1 行" in client.get(upload.url).content.decode()
    factories.sign_in(client, screened.safety)
    assert client.get(upload.url).status_code == 404
