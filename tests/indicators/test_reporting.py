"""A round from opening to closing: who reports what, corrections with a trail, refusals that lose nothing."""

import io
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction as F

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from indicators.models import Value
from indicators.rules import Course
from indicators.services import board, reporting, tables
from indicators.services.reporting import Entry
from indicators.todo import todos
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from portal.workbook import WorkbookRefused
from tests import factories as make
from tests.indicators import ground
from tests.indicators.ground import NORTH, SOUTH
from tests.moments import NOW

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def stage():
    system = ground.system()
    units = ground.reporters(system)
    return system, units, ground.opened(system)


def by_number(system):
    return {each.number: each for each in system.indicators.all()}


def say(stage, figures, name=SOUTH, *, by=None, reason="", shown=None, now=NOW):
    system, units, opened = stage
    numbers = by_number(system)
    entries = {
        numbers[number].pk: Entry(D(value) if value is not None else None, "", (shown or {}).get(number, 0))
        for number, value in figures.items()
    }
    return reporting.report(opened, units[name], entries, by=by or ground.unit(name), now=now, reason=reason)


def test_units_report_and_the_city_adds_up(stage):
    system, _units, _opened = stage
    say(stage, {1: "12", 2: "3", 4: "65.5"})
    say(stage, {1: "8"}, NORTH)
    lines = {line.indicator.number: line for line in board.board_of(system, 2026, 2026).lines}
    assert lines[1].standing.actual.value == F(20) and lines[1].missing_units == 0
    assert lines[1].standing.progress == F(1, 2) and lines[1].standing.course is Course.BEHIND
    # 5 at the base, 3 more in 2026 by one unit; 2025 was never asked for.
    assert lines[2].standing.actual == board.rules.Actual(F(8), (2025,))
    assert lines[2].missing_units == 1 and lines[2].standing.course is Course.PARTIAL
    assert lines[4].standing.actual.value == F("65.5") and lines[4].percent == 55
    # Named by nobody yet, and the portal knows it.
    assert lines[5].standing.actual.value == 0 and lines[5].standing.course is Course.BEHIND


def test_a_correction_is_a_new_version_with_its_reason(stage):
    system, units, opened = stage
    (first,) = say(stage, {1: "12"})
    with pytest.raises(Refused, match="更正已填报的“工作室”需要写明理由"):
        say(stage, {1: "13"}, shown={1: 1})
    (second,) = say(stage, {1: "13"}, shown={1: 1}, reason="漏报一个")
    assert (second.version, second.corrects, second.reason) == (2, first, "漏报一个")
    assert list(Value.objects.current()) == [second]
    assert [row.value for row in reporting.history_of(opened, units[SOUTH])] == [D(13), D(12)]
    said = AuditEntry.objects.filter(act="indicators.report").order_by("pk").values_list("detail", flat=True)
    assert [(row["before"], row["value"], row["reason"]) for row in said] == [
        (None, "12", ""),
        ("12.0000", "13", "漏报一个"),
    ]
    assert say(stage, {1: "13"}, shown={1: 2}) == []
    assert system.indicators.count() == 4


def test_what_was_reported_meanwhile_is_not_overwritten(stage):
    say(stage, {1: "12"})
    with pytest.raises(Refused, match="刚有人填报过"):
        say(stage, {1: "15", 2: "4"})
    assert Value.objects.count() == 1


@pytest.mark.parametrize(
    ("number", "value", "words"),
    [
        (1, "-1", "不能小于 0"),
        (1, "1.5", "最多保留 0 位小数"),
        (4, "100.1", "不能大于 100"),
        (4, "65.555", "最多保留 2 位小数"),
    ],
)
def test_odd_figures_are_refused_whole(stage, number, value, words):
    with pytest.raises(Refused, match=words):
        say(stage, {2: "3", number: value})
    assert not Value.objects.exists()


def test_a_running_one_may_go_down(stage):
    assert say(stage, {2: "-1"})[0].value == D(-1)


def test_a_figure_is_not_emptied(stage):
    say(stage, {1: "12"})
    with pytest.raises(Refused, match="不能清空"):
        say(stage, {1: None}, shown={1: 1}, reason="不报了")


def test_who_may_report_for_whom(stage):
    with pytest.raises(PermissionDenied):
        say(stage, {1: "1"}, SOUTH, by=ground.unit(NORTH))
    with pytest.raises(PermissionDenied):
        say(stage, {1: "1"}, SOUTH, by=make.hat("auditor"))
    say(stage, {1: "1"}, SOUTH, by=ground.office())
    with pytest.raises(Refused, match="不由本单位填报"):
        say(stage, {4: "60"}, NORTH)


def test_after_closing_only_the_office_corrects(stage):
    _system, _units, opened = stage
    say(stage, {1: "12"})
    with pytest.raises(PermissionDenied):
        reporting.close_round(opened, by=ground.unit(), now=NOW)
    reporting.close_round(opened, by=ground.office(), now=NOW)
    # Whoever the unit's own people are, and whatever their work there is called.
    for by in (ground.unit(), make.hat("office", SOUTH)):
        with pytest.raises(Refused, match="已经截止，需要更正的请联系办公室"):
            say(stage, {1: "13"}, shown={1: 1}, reason="x", by=by)
    assert say(stage, {1: "13"}, shown={1: 1}, reason="来函更正", by=ground.office())[0].version == 2
    with pytest.raises(Refused, match="已经截止"):
        reporting.close_round(opened, by=ground.office(), now=NOW)
    with pytest.raises(Refused, match="不再催报"):
        reporting.remind(opened, by=ground.office(), now=NOW)
    assert AuditEntry.objects.get(act="indicators.close_round").detail["missing"] == 4


@pytest.mark.parametrize(
    ("year", "due_on", "words"),
    [
        (2026, date(2026, 7, 1), "已经发起过"),
        (2027, date(2026, 7, 1), "还没有开始"),
        (2023, date(2026, 7, 1), "早于基数年"),
        (2025, date(2026, 5, 31), "已经过去"),
    ],
)
def test_a_round_that_cannot_be(stage, year, due_on, words):
    system, _units, _opened = stage
    with pytest.raises(Refused, match=words):
        ground.opened(system, year, due_on)


def test_without_reporters_there_is_no_round():
    with pytest.raises(Refused, match="还没有设定填报单位"):
        ground.opened(ground.system())


def test_who_reports_what(stage):
    system, _units, _opened = stage
    numbers, both = by_number(system), [make.organisation(SOUTH), make.organisation(NORTH)]
    with pytest.raises(Refused, match="只能由一个单位填报"):
        reporting.set_reporters(numbers[4], both, by=ground.office(), now=NOW)
    with pytest.raises(Refused, match="自动取数"):
        reporting.set_reporters(numbers[5], both, by=ground.office(), now=NOW)
    say(stage, {1: "8"}, NORTH)
    reporting.set_reporters(numbers[1], both[:1], by=ground.office(), now=NOW)
    line = board.line_of(numbers[1], 2026, 2026)
    # What was reported is still counted; who is asked no more is not missing.
    assert line.standing.actual.value == F(8) and line.missing_units == 1


def test_a_change_of_hands_leaves_closed_years_as_they_were(stage):
    system, _units, opened = stage
    numbers = by_number(system)
    say(stage, {1: "12", 4: "66"})
    say(stage, {1: "8"}, NORTH)
    reporting.close_round(opened, by=ground.office(), now=NOW)
    before = [line.standing for line in board.board_of(system, 2026, 2026).lines]
    east = make.organisation("崂山区")
    reporting.set_reporters(numbers[4], [make.organisation(NORTH)], by=ground.office(), now=NOW)
    everybody = [make.organisation(SOUTH), make.organisation(NORTH), east]
    reporting.set_reporters(numbers[1], everybody, by=ground.office(), now=NOW)
    assert [line.standing for line in board.board_of(system, 2026, 2026).lines] == before


def test_a_running_total_lacks_what_units_did_not_report_in_any_year():
    system = ground.system()
    units = ground.reporters(system)
    rounds = [ground.opened(system, year) for year in (2025, 2026)]
    two = by_number(system)[2]
    for opened, names in zip(rounds, ((SOUTH,), (SOUTH, NORTH)), strict=True):
        for name in names:
            entries = {two.pk: Entry(D("5"))}
            reporting.report(opened, units[name], entries, by=ground.unit(name), now=NOW)
    line = board.line_of(two, 2026, 2026)
    assert (line.standing.actual.value, line.missing_units) == (F(20), 1)
    assert line.standing.course is Course.PARTIAL


def test_what_waits_follows_what_is_asked(stage):
    system, _units, _opened = stage
    numbers, north = by_number(system), make.organisation(NORTH)
    say(stage, {1: "8", 2: "1"}, NORTH)
    assert todos(ground.unit(NORTH), now=NOW) == []
    reporting.set_reporters(numbers[1], [make.organisation(SOUTH)], by=ground.office(), now=NOW)
    reporting.set_reporters(numbers[4], [north], by=ground.office(), now=NOW)
    (line,) = todos(ground.unit(NORTH), now=NOW)
    assert "1 项" in line.object


def test_a_closed_round_and_an_old_figure_cannot_be_changed_behind_the_back(stage):
    (value,) = say(stage, {1: "12"})
    for act in (lambda: Value.objects.filter(pk=value.pk).update(value=99), value.delete):
        with pytest.raises(DatabaseError, match="reported figures are kept"), transaction.atomic():
            act()


def test_units_are_told_and_reminded_until_they_reported(stage):
    _system, _units, opened = stage
    ground.unit(SOUTH), ground.unit(NORTH)
    say(stage, {1: "1", 2: "2", 4: "60"})
    Notification.objects.all().delete()
    assert reporting.remind(opened, by=ground.office(), now=NOW) == 1
    assert [row.recipient for row in Notification.objects.all()] == [ground.unit(NORTH).user]


def test_what_waits(stage, django_assert_num_queries):
    _system, units, opened = stage
    (line,) = todos(ground.unit(), now=NOW)
    assert (line.verb, line.object, line.due) == ("填报", "演示指标 2026 年数据：3 项", date(2026, 7, 1))
    say(stage, {1: "1", 2: "2"})
    assert "1 项" in todos(ground.unit(), now=NOW)[0].object
    say(stage, {4: "60"})
    mine = ground.unit()
    with django_assert_num_queries(3):
        assert todos(mine, now=NOW) == []
    assert todos(ground.office(), now=NOW) == []
    (late,) = todos(ground.office(), now=NOW + timedelta(days=40))
    assert late.verb == "截止填报" and late.url.endswith(f"/rounds/{opened.pk}/")
    reporting.close_round(opened, by=ground.office(), now=NOW)
    assert todos(ground.unit(NORTH), now=NOW) == [] and units


def form_of(stage, figures, name=SOUTH):
    """The unit's own workbook with figures typed in, by number."""
    _system, units, opened = stage
    out = io.BytesIO()
    tables.write_form(opened, units[name], out, by=ground.unit(name))
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    sheet = book.active
    head = next(row for row in sheet.iter_rows() if [cell.value for cell in row][:2] == ["序号", "指标"])
    column = [cell.value for cell in head].index("数值")
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        if row[0].value in figures:
            row[column].value = figures[row[0].value]
    done = io.BytesIO()
    book.save(done)
    return done.getvalue()


def test_a_workbook_is_read_as_it_was_handed_out(stage):
    system, units, opened = stage
    say(stage, {1: "12"})
    found = tables.read_form(opened, units[SOUTH], form_of(stage, {2: 3, 4: 65.5}), by=ground.unit())
    numbers = by_number(system)
    assert found == {
        numbers[1].pk: Entry(D(12), "", 1),
        numbers[2].pk: Entry(D(3), "", 0),
        numbers[4].pk: Entry(D("65.5"), "", 0),
    }
    assert len(reporting.report(opened, units[SOUTH], found, by=ground.unit(), now=NOW)) == 2


def test_a_wrong_workbook_is_refused_whole_and_says_every_cell(stage):
    _system, units, opened = stage
    with pytest.raises(WorkbookRefused) as refused:
        tables.read_form(opened, units[SOUTH], form_of(stage, {1: 1.5, 2: "许多", 4: 120}), by=ground.unit())
    told = " ".join(str(error) for error in refused.value.errors)
    assert "须为整数" in told and "不能大于 100" in told and len(refused.value.errors) == 3
    with pytest.raises(Refused, match="没有填写数值"):
        tables.read_form(opened, units[SOUTH], form_of(stage, {}), by=ground.unit())
    with pytest.raises(WorkbookRefused, match="不由本单位填报"):
        tables.read_form(opened, units[NORTH], form_of(stage, {4: 60}), by=ground.unit(NORTH))
