"""The record: chained as each transaction commits, refused to change, and any single change is found."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from portal import audit
from portal.errors import Refused
from portal.models import AuditEntry, AuditLink
from portal.verification import check_record, last_check, verify
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def write(n=5, now=make.NOW):
    """n acts, each in a transaction of its own that really commits."""
    office, place = make.hat("office"), make.district()
    for each in range(n):
        with transaction.atomic():
            audit.record(
                "portal.lay_ground",
                place,
                by=office,
                now=now + timedelta(minutes=each),
                note=f"第 {each} 条",
                figures=[each, {"share": "1/3"}],
            )


@pytest.fixture
def tamper():
    """The database as somebody with its superuser's password would treat it: triggers and keys silent."""

    def run(sql, *params):
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                cursor.execute(sql, params)
                return cursor.rowcount
            finally:
                cursor.execute("SET session_replication_role = DEFAULT")

    return run


def whole() -> bool:
    return not list(audit.broken_links())


def test_real_commits_leave_a_whole_and_dense_chain():
    write(7)
    seqs = list(AuditLink.objects.values_list("seq", flat=True))
    assert len(seqs) >= 7
    assert seqs == list(range(1, len(seqs) + 1))
    assert AuditEntry.objects.count() == len(seqs)
    assert whole()
    seq, digest = audit.head()
    assert seq == len(seqs) and len(digest) == 64


def test_an_act_that_is_rolled_back_leaves_no_line_and_no_gap():
    write(2)
    before = audit.head()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record("portal.lay_ground", make.city(), by=make.hat("office"), now=make.NOW)
        _ = 1 / 0
    assert audit.head() == before
    write(1)
    assert audit.head()[0] == before[0] + 1
    assert whole()


def test_a_record_outside_a_transaction_is_a_fault():
    office = make.hat("office")
    with pytest.raises(RuntimeError):
        audit.record("portal.lay_ground", office, by=office, now=make.NOW)


CHANGES = {
    "id": "id = id + 1000000",
    "at": "at = at + interval '1 microsecond'",
    "act": "act = 'nominations.qualify'",
    "actor_id": "actor_id = actor_id + 1000000",
    "actor_name": "actor_name = actor_name || ' '",
    "role": "role = 'auditor'",
    "organisation_name": "organisation_name = '市北区总工会'",
    "subject_type": "subject_type = 'portal.user'",
    "subject_id": "subject_id = subject_id || '0'",
    "subject_label": "subject_label = ''",
    "edition_id": "edition_id = 7",
    "nomination_id": "nomination_id = 7",
    "detail": "detail = jsonb_set(detail, '{note}', '\"改\"')",
    "body": "body = replace(body, 'lay_ground', 'lay_grounD')",
}


def test_the_table_below_names_every_column_of_an_entry():
    assert set(CHANGES) == {field.column for field in AuditEntry._meta.concrete_fields}


@pytest.mark.parametrize("column", CHANGES)
@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_change_of_any_column_is_found(tamper, column, which):
    write(4)
    pks = list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    pk = {"first": pks[0], "middle": pks[len(pks) // 2], "last": pks[-1]}[which]
    # The very first line was written by the laying of the ground and has other details.
    change = CHANGES[column] if column != "detail" else 'detail = detail || \'{"note": "改"}\''
    assert tamper(f"UPDATE portal_auditentry SET {change} WHERE id = %s", pk) == 1
    assert not whole()


@pytest.mark.parametrize(
    "change", ["hash = repeat('a', 64)", "seq = seq + 1000", "entry_id = entry_id + 1000000"]
)
@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_change_of_any_column_of_a_link_is_found(tamper, change, which):
    write(4)
    last = audit.head()[0]
    seq = {"first": 1, "middle": last // 2, "last": last}[which]
    assert tamper(f"UPDATE portal_auditlink SET {change} WHERE seq = %s", seq) == 1
    assert not whole()


@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_deleted_entry_is_found(tamper, which):
    write(4)
    pks = list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    pk = {"first": pks[0], "middle": pks[len(pks) // 2], "last": pks[-1]}[which]
    assert tamper("DELETE FROM portal_auditentry WHERE id = %s", pk) == 1
    assert not whole()


@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_a_deleted_link_is_found(tamper, which):
    write(4)
    last = audit.head()[0]
    seq = {"first": 1, "middle": last // 2, "last": last}[which]
    assert tamper("DELETE FROM portal_auditlink WHERE seq = %s", seq) == 1
    assert not whole()


def test_an_act_taken_out_with_its_link_is_found(tamper):
    write(4)
    link = AuditLink.objects.get(seq=2)
    tamper("DELETE FROM portal_auditlink WHERE seq = 2")
    tamper("DELETE FROM portal_auditentry WHERE id = %s", link.entry_id)
    assert not whole()


def test_an_act_taken_out_and_the_numbers_closed_up_is_found(tamper):
    write(4)
    link = AuditLink.objects.get(seq=2)
    tamper("DELETE FROM portal_auditlink WHERE seq = 2")
    tamper("DELETE FROM portal_auditentry WHERE id = %s", link.entry_id)
    for seq in range(3, audit.head()[0] + 1):
        tamper("UPDATE portal_auditlink SET seq = %s WHERE seq = %s", seq - 1, seq)
    assert not whole()


def test_two_acts_exchanged_are_found(tamper):
    write(4)
    first, second = AuditLink.objects.order_by("-seq")[:2]
    tamper("UPDATE portal_auditlink SET entry_id = -1 WHERE seq = %s", first.seq)
    tamper("UPDATE portal_auditlink SET entry_id = %s WHERE seq = %s", first.entry_id, second.seq)
    tamper("UPDATE portal_auditlink SET entry_id = %s WHERE seq = %s", second.entry_id, first.seq)
    assert not whole()


def test_the_end_cut_off_shows_against_the_head_written_down_before(tamper):
    write(4)
    noted = audit.head()
    link = AuditLink.objects.get(seq=noted[0])
    tamper("DELETE FROM portal_auditlink WHERE seq = %s", noted[0])
    tamper("DELETE FROM portal_auditentry WHERE id = %s", link.entry_id)
    assert whole() and audit.head() != noted


@pytest.mark.parametrize("table", ["portal_auditentry", "portal_auditlink"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_itself_refuses_a_change(table, sql):
    write(1)
    column = "act" if table == "portal_auditentry" else "hash"
    # The tests silence this one guard, so that a test database can be emptied; here it stands.
    guard = f"{table.removeprefix('portal_').replace('audit', 'audit_')}_no_truncate"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {guard}")
        try:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(sql.format(table, column, column))
        finally:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
    assert whole()


def test_the_models_refuse_a_change_too():
    write(1)
    entry = AuditEntry.objects.last()
    for attempt in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(act="x"),
        lambda: AuditLink.objects.update(hash="x"),
        AuditLink.objects.all().delete,
    ):
        with pytest.raises(Refused):
            attempt()


def test_many_writers_at_once_give_a_dense_chain_without_deadlock():
    office, places = make.hat("office"), [make.city(), make.district(), make.district("市北区")]
    start, problems = threading.Barrier(6), []

    def writer(number):
        try:
            start.wait(10)
            for each in range(10):
                with transaction.atomic():
                    for place in places[number % 3 :] + places[: number % 3]:
                        audit.record(
                            "portal.lay_ground", place, by=office, now=make.NOW, writer=number, n=each
                        )
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    before = AuditLink.objects.count()
    threads = [threading.Thread(target=writer, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    seqs = list(AuditLink.objects.values_list("seq", flat=True))
    assert len(seqs) == before + 6 * 10 * 3
    assert seqs == list(range(1, len(seqs) + 1))
    assert whole()


def test_the_command_prints_the_head_and_is_content(capsys):
    write(3)
    call_command("verify_audit")
    said = capsys.readouterr().out
    seq, digest = audit.head()
    assert f"{seq} {digest}" in said and "whole" in said


def test_the_command_names_the_first_broken_link_and_fails(tamper, capsys):
    write(3)
    link = AuditLink.objects.get(seq=2)
    tamper("UPDATE portal_auditentry SET actor_name = '别人' WHERE id = %s", link.entry_id)
    with pytest.raises(SystemExit) as left:
        call_command("verify_audit")
    assert left.value.code == 1
    assert capsys.readouterr().err.strip().startswith("2: entry")


def test_a_check_is_itself_on_the_record(now):
    write(2)
    assert last_check() is None
    auditor = make.hat("auditor")
    found = check_record(by=auditor, now=now)
    assert found.broken == () and found == verify().__class__(found.seq, found.hash, ())
    seen = last_check()
    assert (seen.seq, seen.hash, seen.broken, seen.by) == (found.seq, found.hash, (), str(auditor.user))
    assert audit.head()[0] == found.seq + 1 and whole()
