"""A task carries an id to a service and may run twice; a file is verified by itself from the command line."""

import json

import pytest
from django.core.management import call_command

from awards import resultfile, tasks
from awards.models import Shortlist
from awards.services import shortlist_papers, shortlisting
from portal.models import AuditEntry
from tests import factories as make
from tests.awards.voted import voted
from tests.moments import NOW
from voting.rules.notes import Signer
from voting.services import keys


@pytest.fixture
def asked(db):
    edition, _ = voted()
    return shortlisting.ask_shortlist(edition, by=make.hat("office"), now=NOW)


def test_the_task_runs_twice_and_draws_once(asked):
    tasks.draw_shortlist.delay(asked.pk)
    first = Shortlist.objects.get(pk=asked.pk)
    tasks.draw_shortlist.delay(asked.pk)
    second = Shortlist.objects.get(pk=asked.pk)
    assert first.status == "done"
    assert (second.digest, second.drawn_at) == (first.digest, first.drawn_at)
    assert AuditEntry.objects.filter(act="awards.draw_shortlist").count() == 1


def test_the_sweep_takes_up_what_a_lost_worker_left(asked):
    tasks.resume_stale_shortlists.delay()
    assert Shortlist.objects.get(pk=asked.pk).status == "done"


@pytest.fixture
def file(asked, tmp_path):
    shortlist = shortlisting.draw_shortlist(asked.pk, now=NOW)
    path = tmp_path / "result.json"
    path.write_bytes(shortlist_papers.result_bytes(shortlist))
    return path


def verify(path, *words):
    """The exit code of `manage.py verify_result`."""
    try:
        call_command("verify_result", str(path), *words)
    except SystemExit as end:
        return end.code
    return 0


def test_verify_result_says_equal(file, capsys):
    assert verify(file) == 0
    said = capsys.readouterr().out
    assert said.startswith("一致：")
    assert f"签名有效，公钥为 {keys.result_signer().verifier}。" in said


def test_verify_result_asks_for_the_signature_of_a_key(file, capsys):
    assert verify(file, "--key", keys.result_signer().verifier) == 0
    assert "签名有效，公钥与所给的一致。" in capsys.readouterr().out
    assert verify(file, "--key", Signer("别处", "演示").verifier) == 1
    assert "签名公钥不符" in capsys.readouterr().out


def test_a_file_of_the_first_form_still_verifies_but_is_signed_by_nobody(file, capsys):
    data = json.loads(file.read_bytes())
    del data["signature"], data["sha256"]
    file.write_text(json.dumps(resultfile.seal(data | {"format": "xuanshu-result/1"})))
    assert verify(file) == 0
    assert "文件没有签名。" in capsys.readouterr().out
    assert verify(file, "--key", keys.result_signer().verifier) == 1
    assert "不能确认由谁生成" in capsys.readouterr().out


def mutate(file, change):
    data = json.loads(file.read_bytes())
    change(data)
    file.write_text(json.dumps(data, ensure_ascii=False))


def resealed(data):
    sealed = resultfile.seal({key: value for key, value in data.items() if key != "sha256"})
    data.clear()
    data.update(sealed)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data["nominations"][0].update(picks=1), "文件摘要不符"),
        (
            lambda data: data["rules"].update(vote_weight="30", expert_weight="70", min_sheets=2),
            "规则摘要不符",
        ),
        (lambda data: data["result"]["rows"][3].update(shortlisted=True), "是否列入考察不符"),
        (lambda data: data.update(sha256="0" * 64), "文件摘要不符"),
    ],
)
def test_verify_result_says_where_a_changed_file_differs(file, capsys, change, sentence):
    mutate(file, change)
    assert verify(file) == 1
    assert sentence in capsys.readouterr().out


def test_a_changed_result_is_found_even_under_a_fresh_digest(file, capsys):
    def swap(data):
        data["result"]["rows"][3]["shortlisted"] = True
        resealed(data)

    mutate(file, swap)
    assert verify(file) == 1
    assert capsys.readouterr().out.splitlines() == [
        "签名与文件内容不符，签名后内容被改动过。",
        "“演示C企业（演示）”的是否列入考察不符：文件写 是，重新计算为 否。",
    ]


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1, "a": 2}', b'{"a": 1.5}', b"\xff\xfe"])
def test_verify_result_refuses_what_it_cannot_read(tmp_path, capsys, content):
    path = tmp_path / "result.json"
    path.write_bytes(content)
    assert verify(path) == 2
    assert "请使用系统导出的结果文件" in capsys.readouterr().err


def test_verify_result_says_that_there_is_no_file(tmp_path, capsys):
    assert verify(tmp_path / "nothing.json") == 2
    assert "nothing.json" in capsys.readouterr().err
