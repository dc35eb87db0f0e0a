"""Files too large to wait for: asked for once, applied once, by whoever is alive, and never by halves."""

import io
import threading
from datetime import timedelta

import openpyxl
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.urls import reverse

from nominations import summary, tasks
from nominations.models import IntakeFile, Nomination
from nominations.services import intake, keeping, roundtrip
from nominations.services.declaring import save_declaration
from nominations.services.roundreading import read_round
from portal.errors import Refused
from portal.models import AuditEntry, Notification
from portal.workbook import write
from tests import factories
from tests.moments import NOW
from tests.nominations.test_services_intake import book, row
from tests.nominations.test_services_roundtrip import NEW, Paper, back, entered, out, seen


@pytest.fixture
def large(monkeypatch):
    """Two rows are too many to wait for."""
    monkeypatch.setattr(keeping, "AT_ONCE", 2)


@pytest.fixture
def edition(db):
    return factories.edition(now=NOW, seats=10, nominees=20)


@pytest.fixture
def union(db):
    return factories.hat("recommender")


def kept_list(edition, by, *numbers):
    return intake.keep_intake(edition, book(*(row(n) for n in numbers)), by=by, now=NOW)


def again(kept):
    return IntakeFile.objects.get(pk=kept.pk)


def standing(kept):
    return keeping.standing(again(kept)).state


def test_it_is_asked_for_once_and_applied_once(edition, union, large):
    kept = kept_list(edition, union, 1, 2, 3)
    assert keeping.is_large(kept) and standing(kept) == "preview"
    first = keeping.ask_file(kept, by=union, now=NOW)
    assert keeping.ask_file(kept, by=union, now=NOW + timedelta(minutes=1)).asked_at == first.asked_at
    assert standing(kept) == "waiting" and not Nomination.objects.exists()
    assert intake.run_kept(kept.pk, now=NOW) is True
    assert intake.run_kept(kept.pk, now=NOW) is False
    assert edition.nominations.count() == 3
    assert (standing(kept), again(kept).done) == ("done", 3)
    assert AuditEntry.objects.filter(act="nominations.import").count() == 1
    told = Notification.objects.get(event="nominations.import", channel="site")
    assert told.recipient == union.user and "已导入" in told.subject
    assert told.url == reverse("nominations:import_preview", args=[edition.pk, kept.pk])


def test_one_that_was_not_asked_for_is_not_applied(edition, union, large):
    kept = kept_list(edition, union, 1, 2, 3)
    assert intake.run_kept(kept.pk, now=NOW) is False
    assert not Nomination.objects.exists()


def test_a_refusal_is_kept_with_its_places_and_may_be_asked_again(edition, union, large):
    kept = kept_list(edition, union, 1, 2, 3)
    keeping.ask_file(kept, by=union, now=NOW)
    taken = factories.nomination(edition, 2, recommender="市北区")
    intake.run_kept(kept.pk, now=NOW)
    assert standing(kept) == "failed"
    (problem,) = again(kept).problems
    assert (problem["row"], problem["column"]) == (5, "E 统一社会信用代码")
    assert "已由“市北区总工会”推荐" in problem["problem"]
    assert edition.nominations.count() == 1
    assert "没有导入" in Notification.objects.get(event="nominations.import", channel="site").subject
    factories.bring(taken, "withdrawn")
    keeping.ask_file(kept, by=union, now=NOW)
    intake.run_kept(kept.pk, now=NOW)
    assert standing(kept) == "done"


def test_a_fault_of_ours_is_said_and_leaves_nothing_behind(edition, union, large):
    kept = kept_list(edition, union, 1, 2, 3)
    keeping.ask_file(kept, by=union, now=NOW)
    again(kept).file.delete(save=False)
    intake.run_kept(kept.pk, now=NOW)
    assert standing(kept) == "failed" and "系统出错" in again(kept).problems[0]["problem"]
    assert not Nomination.objects.exists()


def test_a_lost_worker_is_made_up_for_by_the_sweep(edition, union, large):
    """Asked for long ago, and nothing came of it: the sweep takes it up; what is fresh it leaves alone."""
    lost, fresh = kept_list(edition, union, 1, 2, 3), kept_list(edition, union, 4, 5, 6)
    keeping.ask_file(lost, by=union, now=NOW - timedelta(minutes=5))
    keeping.ask_file(fresh, by=union, now=NOW)
    assert keeping.stale_files(["summary"], NOW) == [lost.pk]
    tasks.resume_intakes()  # by the clock of the wall both are old
    assert standing(lost) == standing(fresh) == "done"
    tasks.resume_intakes()
    assert edition.nominations.count() == 6


def test_one_that_waits_for_its_worker_is_not_swept_away(edition, union, large):
    kept = kept_list(edition, union, 1, 2, 3)
    keeping.ask_file(kept, by=union, now=NOW)
    later = NOW + timedelta(hours=5)
    intake.keep_intake(edition, book(row(9)), by=union, now=later)
    assert intake.run_kept(kept.pk, now=later) is True
    assert standing(kept) == "done"


def test_whoever_was_dismissed_meanwhile_changes_nothing(edition, union, large):
    kept = kept_list(edition, union, 1, 2, 3)
    keeping.ask_file(kept, by=union, now=NOW)
    union.active = False
    union.save()
    intake.run_kept(kept.pk, now=NOW)
    assert "已停用" in again(kept).problems[0]["problem"]
    assert not Nomination.objects.exists()


def test_the_count_shown_meanwhile_is_the_caches_and_may_be_missing(edition, union, large):
    kept = kept_list(edition, union, 1, 2, 3)
    keeping.ask_file(kept, by=union, now=NOW)
    kept = again(kept)
    parts = keeping.in_parts(kept, list(range(120)))
    next(parts), next(parts)
    assert (keeping.standing(kept).state, keeping.standing(kept).done) == ("running", 50)
    cache.clear()
    assert keeping.standing(kept).state == "waiting"


def test_a_round_of_many_rows_goes_by_the_worker_with_its_choices(edition, union, large):
    for n in (1, 2, 3):
        entered(edition, n)
    paper = Paper(out(edition, union))
    for n in (1, 2, 3):
        paper.write(3 + n, 职工人数=400 + n)
    one = edition.nominations.get(subject_key=factories.credit_code(1))
    save_declaration(one, by=union, now=NOW, version=1, employees=333)
    kept = roundtrip.keep_round(edition, back(paper.workbook), by=union, now=NOW)
    keeping.ask_file(kept, by=union, now=NOW, choices=seen(kept, "now"))
    tasks.apply_round_file(kept.pk)
    tasks.apply_round_file(kept.pk)
    facts = edition.nominations.order_by("pk").values_list("declaration__employees", flat=True)
    assert list(facts) == [333, 402, 403]
    assert standing(kept) == "done"


def test_what_moved_before_the_worker_came_is_refused(edition, union, large):
    for n in (1, 2, 3):
        entered(edition, n)
    paper = Paper(out(edition, union))
    for n in (1, 2, 3):
        paper.write(3 + n, 职工人数=400 + n)
    kept = roundtrip.keep_round(edition, back(paper.workbook), by=union, now=NOW)
    keeping.ask_file(kept, by=union, now=NOW, choices=seen(kept))
    one = edition.nominations.get(subject_key=factories.credit_code(1))
    save_declaration(one, by=union, now=NOW, version=1, employees=333)
    tasks.apply_round_file(kept.pk)
    assert "预览之后有内容变动" in again(kept).problems[0]["problem"]
    facts = edition.nominations.order_by("pk").values_list("declaration__employees", flat=True)
    assert list(facts) == [333, 300, 300]


# --- the pages


def at(name, *args):
    return reverse(f"nominations:{name}", args=args)


def test_the_pages_of_a_large_list(client, union, large, django_capture_on_commit_callbacks):
    edition = factories.edition()
    factories.sign_in(client, union)
    file = io.BytesIO()
    write(file, "推荐汇总表", summary.COLUMNS, [row(n) for n in (1, 2, 3)])
    upload = SimpleUploadedFile("推荐汇总表.xlsx", file.getvalue())
    where = client.post(at("import", edition.pk), {"file": upload}).url
    assert "导入这 3 家" in client.get(where).content.decode()
    assert client.post(where).url == where
    waiting = client.get(where).content.decode()
    assert "已排队" in waiting and 'hx-trigger="every 1s"' in waiting and "刷新看进度" in waiting
    kept = IntakeFile.objects.get()
    poll = at("import_progress", edition.pk, kept.pk)
    assert "已排队" in client.get(poll).content.decode()
    other = factories.hat("recommender", "市北区")
    factories.sign_in(client, other)
    assert client.get(where).status_code == client.get(poll).status_code == 404
    factories.sign_in(client, union)
    tasks.apply_intake_file(kept.pk)
    done = client.get(poll).content.decode()
    assert "已导入 3 行" in done and "查看推荐" in done and "hx-trigger" not in done


@pytest.mark.django_db
def test_the_pages_of_a_round(client, union, edition):
    entered(edition, 1)
    factories.sign_in(client, union)
    assert "现有 1 家" in client.get(at("round", edition.pk)).content.decode()
    got = client.get(at("round_out", edition.pk))
    assert "attachment" in got["Content-Disposition"]
    paper = Paper(openpyxl.load_workbook(io.BytesIO(got.content)))
    paper.write(4, 职工人数=455, 联系人="表里的人")
    paper.write(5, **NEW)
    one = edition.nominations.get()
    save_declaration(one, by=union, now=NOW, version=1, employees=333)
    upload = back(paper.workbook)
    where = client.post(at("round", edition.pk), {"file": upload}).url
    shown = client.get(where)
    words = shown.content.decode()
    for each in (
        "将写入 2 家",
        "冲突 1 格",
        "保留现在的：333",
        "用文件中的：455",
        "表里的人",
        "云帆精密机械（演示）",
    ):
        assert each in words
    digest = shown.context["diff"].digest
    unchosen = client.post(where, {"digest": digest}).content.decode()
    assert "请选择用哪一份" in unchosen
    moved = client.post(where, {"digest": "0" * 64, "c0": "yours"}, follow=True)
    assert "预览之后有内容变动" in moved.content.decode()
    done = client.post(where, {"digest": digest, "c0": "yours"}, follow=True).content.decode()
    assert "新增 1 家" in done and "改动 1 家" in done
    one.declaration.refresh_from_db()
    assert one.declaration.employees == 455
    assert "已导入 2 行" in client.get(where).content.decode()


# --- two at once


def together(*calls):
    """Run these in threads of their own connection; the answers in order, a refusal as itself."""
    answers = [None] * len(calls)

    def run(n, call):
        try:
            answers[n] = call()
        except Refused as refusal:
            answers[n] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_files_of_the_same_enterprises_at_once():
    edition, union = factories.edition(now=NOW), factories.hat("recommender")
    files = [kept_list(edition, union, 1, 2) for _ in range(2)]
    found = together(*(lambda kept=kept: intake.apply_kept(kept, by=union, now=NOW) for kept in files))
    assert sorted(isinstance(each, Refused) for each in found) == [False, True]
    assert edition.nominations.count() == 2
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_one_large_file_by_two_workers_at_once(monkeypatch):
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    edition, union = factories.edition(now=NOW), factories.hat("recommender")
    kept = kept_list(edition, union, 1, 2, 3)
    keeping.ask_file(kept, by=union, now=NOW)
    found = together(*[lambda: intake.run_kept(kept.pk, now=NOW)] * 2)
    assert sorted(found) == [False, True]
    assert edition.nominations.count() == 3
    assert AuditEntry.objects.filter(act="nominations.import").count() == 1
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_page_saved_while_a_file_is_applied_loses_nothing():
    edition, union = factories.edition(now=NOW), factories.hat("recommender")
    one = entered(edition, 1)
    paper = Paper(out(edition, union))
    paper.write(4, 职工人数=455)
    kept = roundtrip.keep_round(edition, back(paper.workbook), by=union, now=NOW)
    choices = seen(kept)
    by_page, by_file = together(
        lambda: save_declaration(one, by=union, now=NOW, version=1, employees=333),
        lambda: roundtrip.apply_round(kept, by=union, now=NOW, choices=choices),
    )
    one.declaration.refresh_from_db()
    # Whoever came first is written, the other is told; both in turn only where neither overtook the other.
    assert isinstance(by_page, Refused) != isinstance(by_file, Refused)
    assert one.declaration.employees == (455 if isinstance(by_page, Refused) else 333)
    assert read_round(edition, back(paper.workbook), by=union, now=NOW)
    connection.close()
