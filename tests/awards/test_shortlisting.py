"""The list, from two frozen results: hand-made cases, asked twice, broken off at every step, killed."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from openpyxl import load_workbook

from awards import resultfile
from awards.models import Shortlist, ShortlistRow
from awards.services import shortlist_papers, shortlisting
from awards.services.board import board_of, recompute
from nominations.models import Edition, Nomination
from nominations.services import advance
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from tests import factories as make
from tests.awards.voted import FIELD, RECOGNISED, STATE_OWNED, voted
from tests.moments import NOW
from voting.services import keys

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


def draw(edition, now=LATER):
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office", edition.host), now=now)
    return shortlisting.draw_shortlist(asked.pk, now=now)


@contextmanager
def past_the_guards():
    """As one who owns the database could: the triggers that keep frozen rows do not speak."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def told(shortlist):
    return [
        (row.nomination.subject_name[2], row.rank, row.shortlisted, row.tie)
        for row in shortlist.rows.select_related("nomination").order_by("rank", "nomination__subject_key")
    ]


def test_three_for_two_seats_by_the_weights_of_the_edition():
    edition, nominations = voted()
    shortlist = draw(edition)

    assert (shortlist.status, shortlist.size, shortlist.grew_by) == ("done", 3, 0)
    assert told(shortlist) == [
        ("A", 1, True, ""),
        ("B", 2, True, ""),
        ("D", 3, True, "expert_score"),
        ("C", 4, False, "expert_score"),
        ("E", 5, False, ""),
    ]
    row = shortlist.rows.get(nomination=nominations["D"])
    assert (row.expert_score, row.vote_score, row.composite) == (73, 63, 70)
    states = {name: Nomination.objects.get(pk=each.pk).state for name, each in nominations.items()}
    assert states == dict.fromkeys("ABD", "inspection") | dict.fromkeys("CE", "voting")


@pytest.mark.parametrize(
    ("c", "d", "third", "rule"),
    [
        ({}, STATE_OWNED, "C", "private"),
        (STATE_OWNED, {}, "D", "private"),
        (RECOGNISED, {}, "C", "recognised_key_industry"),
        (STATE_OWNED | RECOGNISED, {}, "D", "private"),
        (RECOGNISED, RECOGNISED, "D", "expert_score"),
    ],
)
def test_equals_at_the_cut_are_parted_by_what_the_regulation_prefers(c, d, third, rule):
    edition, _ = voted(FIELD | {"C": ("70", 70, c), "D": ("73", 63, d)})
    rows = told(draw(edition))
    assert rows[2] == (third, 3, True, rule)
    assert rows[3][1:] == (4, False, rule)


def test_whoever_is_still_equal_at_the_cut_is_in_and_the_list_says_so():
    edition, _ = voted(FIELD | {"F": ("73", 63, {}), "C": ("69", 70, {})})
    shortlist = draw(edition)
    assert (shortlist.size, shortlist.grew_by) == (3, 1)
    assert sorted(row[0] for row in told(shortlist) if row[2]) == ["A", "B", "D", "F"]
    assert {row[0]: (row[1], row[3]) for row in told(shortlist)}["D"] == (3, "equal")
    assert {row[0]: (row[1], row[3]) for row in told(shortlist)}["F"] == (3, "equal")
    assert "名单增加 1 家" in shortlist.warning


def test_fewer_than_the_size_are_all_in_with_a_warning():
    edition, _ = voted({"A": FIELD["A"], "B": FIELD["B"]})
    shortlist = draw(edition)
    assert [row[2] for row in told(shortlist)] == [True, True]
    assert "候选企业只有 2 家，不足 3 家" in shortlist.warning


def test_who_withdrew_after_the_count_is_ranked_no_more_and_named():
    edition, nominations = voted()
    advance(nominations["A"], "withdraw", by=make.hat("office"), now=NOW, note="演示")
    shortlist = draw(edition)
    assert [row[0] for row in told(shortlist)][:1] == ["C"]  # 49 + 30: now the most picked
    assert shortlist.rows.get(nomination=nominations["C"]).vote_score == 100
    assert "演示A企业（演示）在计票后退出评选" in shortlist.warning
    assert recompute(shortlist) == []


def test_asked_twice_is_one_list_and_drawn_twice_is_the_same():
    edition, _ = voted()
    first = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)
    again = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)
    assert first.pk == again.pk
    drawn = shortlisting.draw_shortlist(first.pk, now=LATER)
    twice = shortlisting.draw_shortlist(first.pk, now=LATER + timedelta(hours=1))
    assert (twice.digest, twice.drawn_at) == (drawn.digest, LATER)
    assert shortlisting.ask_shortlist(edition, by=make.hat("office"), now=LATER).status == "done"
    assert AuditEntry.objects.filter(act="awards.ask_shortlist").count() == 1
    assert AuditEntry.objects.filter(act="awards.draw_shortlist").count() == 1
    assert AuditEntry.objects.filter(act="nominations.shortlist").count() == 3
    assert ShortlistRow.objects.filter(shortlist=drawn).count() == 5


def test_it_is_refused_before_both_results_are_frozen_and_to_others():
    edition = make.edition()
    with pytest.raises(Refused, match="都冻结后"):
        shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)
    for other in (make.hat("auditor"), make.hat("inspector"), make.hat("office", "市南区")):
        with pytest.raises(PermissionDenied):
            shortlisting.ask_shortlist(edition, by=other, now=NOW)


def test_a_frozen_result_that_was_changed_stops_everything():
    edition, nominations = voted()
    with past_the_guards():
        edition.vote_result.rows.filter(nomination=nominations["E"]).update(picks=99)
    shortlist = draw(edition)
    assert shortlist.status == "failed"
    assert "与冻结的计票不符" in shortlist.message


def test_rules_that_were_changed_after_they_were_frozen_stop_everything():
    edition, _ = voted()
    with past_the_guards():
        Edition.objects.filter(pk=edition.pk).update(seats=4)
    shortlist = draw(Edition.objects.get(pk=edition.pk))
    assert (shortlist.status, shortlist.rows.count()) == ("failed", 0)
    assert "评选规则与冻结时的摘要不符" in shortlist.message


def test_sheets_that_do_not_come_to_the_frozen_scores_stop_everything():
    edition, nominations = voted()
    with past_the_guards():
        edition.review_result.rows.filter(nomination=nominations["A"]).update(score=Fraction(91))
    shortlist = draw(edition)
    assert shortlist.status == "failed"
    assert "复算不一致" in shortlist.message
    assert {n.state for n in Nomination.objects.filter(edition=edition)} == {"voting"}


STEPS = (
    "check_frozen",
    "entries_of",
    "_sealed",
    "check_scores",
    "ShortlistRow.objects.bulk_create",
    "advance",
    "audit.record",
    "notify",
)


@pytest.mark.parametrize("step", STEPS)
def test_broken_off_at_any_step_leaves_nothing_and_the_next_try_gives_the_same(step, monkeypatch):
    edition, _ = voted()
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)
    right = shortlisting._sealed(edition, shortlisting.entries_of(edition))["sha256"]
    *path, name = step.split(".")
    owner = shortlisting
    for part in path:
        owner = getattr(owner, part)

    def broken(*args, **kwargs):
        raise RuntimeError(step)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match=step):
        patch.setattr(owner, name, broken)
        shortlisting.draw_shortlist(asked.pk, now=NOW)
    asked.refresh_from_db()
    assert (asked.status, asked.message) == ("failed", shortlisting.UNEXPECTED)
    assert (asked.digest, asked.rows.count()) == ("", 0)
    assert not Nomination.objects.filter(edition=edition, state="inspection").exists()
    assert not AuditEntry.objects.filter(act="awards.draw_shortlist").exists()

    shortlist = draw(edition)
    assert (shortlist.status, shortlist.digest) == ("done", right)
    assert shortlist.rows.count() == 5


def test_a_database_that_goes_away_leaves_the_list_to_the_sweep(monkeypatch):
    edition, _ = voted()
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)

    def gone(*args, **kwargs):
        raise DatabaseError("gone")

    with monkeypatch.context() as patch, pytest.raises(DatabaseError):
        patch.setattr(shortlisting, "_write", gone)
        shortlisting.draw_shortlist(asked.pk, now=NOW)
    asked.refresh_from_db()
    assert (asked.status, asked.done, asked.total) == ("running", 2, 3)
    assert shortlisting.resume_stale(now=NOW + timedelta(seconds=100)) == 0
    assert shortlisting.resume_stale(now=NOW + timedelta(minutes=2)) == 1
    asked.refresh_from_db()
    assert asked.status == "done"
    assert shortlisting.resume_stale(now=NOW + timedelta(hours=1)) == 0


def test_one_that_cannot_be_resumed_does_not_keep_the_others_waiting(monkeypatch):
    lists = []
    for host in ("city", "市南区"):
        edition, _ = voted(host=host)
        lists.append(shortlisting.ask_shortlist(edition, by=make.hat("office", host), now=NOW))
    right = shortlisting.check_frozen

    def first_is_broken(edition):
        if edition.pk == lists[0].edition_id:
            raise RuntimeError
        right(edition)

    monkeypatch.setattr(shortlisting, "check_frozen", first_is_broken)
    assert shortlisting.resume_stale(now=NOW + timedelta(minutes=5)) == 2
    assert [Shortlist.objects.get(pk=each.pk).status for each in lists] == ["failed", "done"]


KILLED = """
import os, pathlib, sys, time
import django
django.setup()
from django.utils.dateparse import parse_datetime
from awards.services import shortlist_papers, shortlisting

right = shortlisting.audit.record
def record(*args, **kwargs):
    right(*args, **kwargs)
    pathlib.Path(sys.argv[2]).write_text("here")
    time.sleep(60)
shortlisting.audit.record = record
shortlisting.draw_shortlist(int(sys.argv[1]), now=parse_datetime(sys.argv[3]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_writing_leaves_nothing_and_is_resumed(tmp_path, settings):
    edition, _ = voted()
    asked = shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)
    right = shortlisting._sealed(edition, shortlisting.entries_of(edition))["sha256"]
    script, sign = tmp_path / "worker.py", tmp_path / "sign"
    script.write_text(textwrap.dedent(KILLED))
    held = connection.settings_dict
    url = f"postgresql://{held['USER']}@/{held['NAME']}?host={held['HOST']}"
    if held["PASSWORD"] or held["PORT"]:
        url = (
            f"postgresql://{held['USER']}:{held['PASSWORD']}@{held['HOST']}:{held['PORT'] or 5432}/"
            f"{held['NAME']}"
        )
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    worker = subprocess.Popen(
        [sys.executable, str(script), str(asked.pk), str(sign), LATER.isoformat()],
        env=environment,
        cwd=settings.BASE_DIR,
    )
    try:
        until = time.monotonic() + 60
        while not sign.exists() and worker.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert sign.exists(), "the worker never came to the middle of its transaction"
    finally:
        worker.send_signal(signal.SIGKILL)
    assert worker.wait(timeout=30) == -signal.SIGKILL

    asked.refresh_from_db()
    assert (asked.status, asked.digest, asked.rows.count()) == ("running", "", 0)
    assert not Nomination.objects.filter(edition=edition, state="inspection").exists()
    assert not AuditEntry.objects.filter(act__in=("awards.draw_shortlist", "nominations.shortlist")).exists()

    assert shortlisting.resume_stale(now=NOW + timedelta(minutes=3)) == 1
    asked.refresh_from_db()
    assert (asked.status, asked.digest, asked.rows.count()) == ("done", right, 5)


def test_the_office_is_told_once_with_a_way_to_the_list():
    edition, _ = voted()
    draw(edition)
    row = Notification.objects.get(event="awards.shortlist_drawn")
    assert row.recipient == make.hat("office").user
    assert row.subject == f"{edition.title}：考察名单已生成，共 3 家"
    assert row.url == f"/awards/editions/{edition.pk}/shortlist/"


@pytest.mark.parametrize("subject, count", [("result", "共 3 项"), ("person", "共 3 人")])
def test_the_office_is_told_how_many_of_what_the_edition_selects(subject, count):
    edition, _ = voted()
    type(edition.category).objects.filter(pk=edition.category_id).update(subject=subject)
    draw(edition)
    row = Notification.objects.get(event="awards.shortlist_drawn")
    assert row.subject == f"{edition.title}：考察名单已生成，{count}"


def test_each_row_says_why_it_stands_where_it_stands():
    edition, _ = voted()
    board = board_of(draw(edition))
    by_name = {line.row.nomination.subject_name[2]: line for line in board.lines}
    assert (by_name["A"].expert_part, by_name["A"].vote_part) == (63, 30)
    assert by_name["A"].why == ()
    assert str(by_name["B"].why[0]) == "前者综合得分 93.00，后者 71.00，相差 22.00（按未舍入的值比较）。"
    assert str(by_name["C"].why[0]).endswith("按专家得分（委员会决定）：前者 73.00，后者 70.00。")
    assert [name for name, line in by_name.items() if line.is_cut] == ["D"]
    assert [str(each) for each in board.cut] == [
        "第 3 名“演示D企业（演示）”（前者）列入，第 4 名“演示C企业（演示）”（后者）没有列入。",
        "综合得分和其前各项都相同，按专家得分（委员会决定）：前者 73.00，后者 70.00。",
    ]


def test_the_table_of_the_office(tmp_path):
    edition, _ = voted()
    draw(edition)
    out = BytesIO()
    shortlist_papers.write_composite_table(edition, out, by=make.hat("auditor"))
    book = load_workbook(out)
    rows = list(book["综合成绩表"].iter_rows(min_row=3, values_only=True))
    assert rows[0] == (
        *("序号", "企业名称", "统一社会信用代码", "推荐单位", "专家得分", "有效票", "投票折算分"),
        *("权重（专家:投票）", "综合得分", "名次", "是否入围考察", "同分处理"),
    )
    assert [row[1][2] for row in rows[1:6]] == ["A", "B", "D", "C", "E"]
    assert rows[3][4:] == (73, 63, 63, "70:30", 70, 3, "是", "专家得分高者在前")
    notes = dict(row[:2] for row in book["说明"].iter_rows(min_row=4, values_only=True))
    assert notes["应考察家数"].startswith("3 家：名额的 1.2 倍")
    assert notes["同分处理"].startswith("1. 民营企业优先（S1 四.1）；2. ")
    assert notes["摘要（SHA-256）"] == edition.shortlist.digest
    assert notes["专家得分"].startswith("各方面权重：全员创新机制建设 35%、全员创新平台载体建设 30%、")
    assert "至少 3 份有效评分表" in notes["专家得分"]
    with pytest.raises(PermissionDenied):
        shortlist_papers.write_composite_table(edition, BytesIO(), by=make.hat("office", "市南区"))


def test_there_is_no_table_before_there_is_a_list():
    edition, _ = voted()
    with pytest.raises(Refused, match="还没有生成"):
        shortlist_papers.write_composite_table(edition, BytesIO(), by=make.hat("office"))


def test_the_file_that_is_handed_out_verifies_itself():
    edition, nominations = voted()
    shortlist = draw(edition)
    data = resultfile.parse(shortlist_papers.result_bytes(shortlist))
    assert resultfile.verify(data) == []
    assert data["sha256"] == shortlist.digest
    assert data["result"]["rows"][0]["id"] == nominations["A"].pk
    key = keys.result_signer().verifier
    assert resultfile.verify(data, key) == []
    assert (shortlist.signature, shortlist.key_name) == (data["signature"]["value"], key)


def test_a_list_of_the_first_form_is_still_recomputed():
    edition, _ = voted()
    shortlist = draw(edition)
    old = {key: value for key, value in shortlist.sealed.items() if key not in ("signature", "sha256")}
    shortlist.sealed = resultfile.seal(old | {"format": "xuanshu-result/1"})
    shortlist.digest, shortlist.signature, shortlist.key_name = shortlist.sealed["sha256"], "", ""
    shortlist.save()
    assert recompute(shortlist) == []
    assert "signature" not in resultfile.parse(shortlist_papers.result_bytes(shortlist))


def test_recomputing_finds_another_signature():
    edition, _ = voted()
    shortlist = draw(edition)
    shortlist.signature = shortlist.signature[::-1]
    assert [str(each) for each in recompute(shortlist)] == ["数据库中的签名与结果文件的签名不符。"]


def test_recomputing_finds_a_row_that_was_changed_in_the_database():
    edition, nominations = voted()
    shortlist = draw(edition)
    assert recompute(shortlist) == []
    ShortlistRow.objects.filter(nomination=nominations["E"]).update(shortlisted=True)
    assert [str(each) for each in recompute(shortlist)] == [
        "“演示E企业（演示）”在数据库中的一行与结果文件不符。"
    ]
    shortlist.sealed["result"]["rows"][0]["composite"] = "94"
    assert any("综合得分不符" in str(each) for each in recompute(shortlist))
