"""The script and the page's module beside each other: what is in order passes, on every road."""

import ast
import json
import re
import subprocess
import sys

import pytest

from tests.voting import records
from tests.voting.verifiers import FOLDER, SCRIPT, by_module, by_script, wrong_in

KEY = records.Key().text
#: RFC 8032 7.1: key, message, signature.
VECTORS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)
#: The eight leaves of the reference log, and its root.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
REFERENCE = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def flipped(text):
    """The same hex with its first bit another."""
    return f"{int(text[:2], 16) ^ 1:02x}{text[2:]}" if text else "00"


def test_the_maker_of_records_knows_the_published_tree():
    leaves = [records.hashlib.sha256(b"\0" + bytes.fromhex(each)).digest() for each in LEAVES]
    assert records.root(leaves).hex() == REFERENCE
    levels = SCRIPT.subtrees(leaves)
    assert SCRIPT.folded(SCRIPT.stack_of(levels, 8)).hex() == REFERENCE
    for size in range(9):
        assert SCRIPT.folded(SCRIPT.stack_of(levels, size)) == records.root(leaves[:size])


@pytest.mark.parametrize("without", ["", "subtle"])
def test_ed25519_by_the_published_vectors(tmp_path, without):
    tries = []
    for key, message, signature in VECTORS:
        tries.append((True, key, signature, message))
        tries.append((False, flipped(key), signature, message))
        tries.append((False, key, flipped(signature), message))
        tries.append((False, key, signature[:64] + flipped(signature[64:]), message))
        tries.append((False, key, signature, flipped(message)))
    wanted = [good for good, *_rest in tries]
    assert [SCRIPT.signed(*map(bytes.fromhex, rest)) for _good, *rest in tries] == wanted
    assert by_module([{"ed25519": rest} for _good, *rest in tries], tmp_path, without=without) == wanted


def records_in_order():
    yield "small", records.small()
    yield "no ballots", records.small(ballots=0, sizes=[], acts=[])
    yield "no ballots and their checkpoint", records.small(ballots=0, sizes=[0], acts=[])
    yield "one ballot", records.small(ballots=1, sizes=[1], acts=[])
    yield "no acts", records.small(acts=[])
    yield "only the last checkpoint", records.small(sizes=[300])
    yield "every size", records.small(ballots=70, sizes=list(range(71)), acts=[])
    all_aside = records.small(ballots=3, sizes=[3], acts=[records.act(1, "set_aside", range(3))])
    yield "all set aside", all_aside
    chunk = SCRIPT.CHUNK
    sizes = [1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk]
    acts = [records.act(1, "set_aside", range(chunk - 5, chunk + 5))]
    yield "three chunks", records.small(ballots=3 * chunk, sizes=sizes, acts=acts)


def test_what_is_in_order_passes(tmp_path):
    cases = dict(records_in_order())
    folders = {name: records.write(tmp_path / name, record.files()) for name, record in cases.items()}
    answers = by_module([{"folder": str(folder), "key": KEY} for folder in folders.values()], tmp_path)
    for (name, folder), answer in zip(folders.items(), answers, strict=True):
        script = by_script(folder, KEY)
        assert (name, wrong_in(script), wrong_in(answer)) == (name, set(), set())
        assert script.good
        assert answer["good"]
        tally = cases[name].tally()
        counts = {each: tally[each] for each in ("cast", "set_aside", "valid")}
        assert answer["counts"] == counts
        assert script.told["counts"] == tuple(counts.values())


@pytest.mark.parametrize("without", ["ed25519", "subtle"])
def test_a_browser_that_lacks_something_finds_the_same(tmp_path, without):
    record = records.small()
    folder = records.write(tmp_path / "good", record.files())
    bad = record.copy()
    bad.key = records.Key(seed=b"x" * 32)
    files = {**record.files(), "checkpoints.txt": bad.files()["checkpoints.txt"]}
    other = records.write(tmp_path / "bad", record.sealed(files))
    jobs = [{"folder": str(each), "key": KEY, "receipt": record.receipt(3)} for each in (folder, other)]
    good, wrong = by_module(jobs, tmp_path, without=without)
    assert (good["good"], good["native"]) == (True, False)
    assert wrong_in(wrong) == {"checkpoints"}


def test_two_processes_find_what_one_finds(tmp_path):
    record = records.small(ballots=60_000, sizes=[5, 16_384, 40_000, 60_000])
    record.lines[50_000], record.ballots[50_000] = record.lines[20], record.ballots[20]
    folder = records.write(tmp_path / "record", record.files())
    one, two = (by_script(folder, KEY, record.receipt(45_000), processes) for processes in (1, 2))
    assert one.faults == two.faults
    assert set(one.faults) == {"records"}
    assert one.faults["records"][0][:2] == ("ballots.txt", 50_001)
    assert one.told["found"] == two.told["found"] == (45_000, record.lines[45_000].encode())


# --- a ballot in the log while the poll runs


def inclusion(record, place, of, **changed):
    leaves = record.leaves()[:of]
    answer = {
        "index": place,
        "size": of,
        "proof": [records.b64(node) for node in records.path(place, leaves)],
        "checkpoint": record.checkpoint(of),
    }
    return {"receipt": record.receipt(place), "answer": {**answer, **changed}, "key": record.key.text}


def test_a_ballot_is_found_in_the_log_at_every_size(tmp_path):
    record = records.small(ballots=20)
    asked = [inclusion(record, place, size) for size in range(1, 21) for place in range(size)]
    answers = by_module([{"included": each} for each in asked], tmp_path)
    assert [answer["good"] for answer in answers] == [True] * 210
    assert answers[-1]["line"] == 20


def test_a_proof_of_something_else_is_refused(tmp_path):
    record, other = records.small(ballots=20), records.small(8, ballots=20, seed=2)
    good = inclusion(record, 7, 20)
    path = good["answer"]["proof"]
    cases = {
        "another place": (inclusion(record, 7, 20, index=6), {"inclusion"}),
        "place beyond": (inclusion(record, 7, 20, index=20), {"inclusion"}),
        "a node less": (inclusion(record, 7, 20, proof=path[:-1]), {"inclusion"}),
        "a node more": (inclusion(record, 7, 20, proof=[*path, path[0]]), {"inclusion"}),
        "another node": (inclusion(record, 7, 20, proof=[path[1], *path[1:]]), {"inclusion"}),
        "no proof": (inclusion(record, 7, 20, proof=None), {"inclusion"}),
        "another's proof": ({**inclusion(record, 8, 20), "receipt": record.receipt(7)}, {"inclusion"}),
        "another size": (inclusion(record, 7, 20, size=19), {"checkpoint"}),
        "another checkpoint": (inclusion(record, 7, 20, checkpoint=record.checkpoint(19)), {"checkpoint"}),
        "another poll's": (inclusion(record, 7, 20, checkpoint=other.checkpoint(20)), {"checkpoint"}),
        "unsigned": (inclusion(record, 7, 20, checkpoint="x"), {"checkpoint"}),
        "not there yet": ({**good, "answer": None}, {"inclusion"}),
        "another key": (
            {**good, "key": records.Key(seed=b"x" * 32).text},
            {"receipt_signature", "checkpoint"},
        ),
        "not mine": (
            {**good, "receipt": {**good["receipt"], "nonce": "00" * 16}},
            {"receipt_bound"},
        ),
    }
    answers = by_module([{"included": asked} for asked, _wanted in cases.values()], tmp_path)
    for (name, (_asked, wanted)), answer in zip(cases.items(), answers, strict=True):
        assert (name, wrong_in(answer), answer["good"]) == (name, wanted, False)


# --- the command line


def run(*given):
    command = [sys.executable, "-I", "-B", str(FOLDER / "verify_poll.py"), *map(str, given)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)


def test_the_command_says_in_either_tongue_and_ends_with_a_figure(tmp_path):
    record = records.small()
    folder = records.write(tmp_path / "record", record.files())
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(record.receipt(12)), "utf-8")
    good = run(folder, "--key", KEY, "--receipt", receipt)
    assert good.returncode == 0, good.stderr
    assert good.stdout.count("[通过]") == 13
    assert "收到 300 张，隔离 31 张，有效 269 张" in good.stdout
    assert "您的选票在第 13 行，所选编号" in good.stdout
    assert "没有计入，已隔离：短时间内异常集中" in good.stdout
    assert good.stdout.endswith("全部通过\n")
    (folder / "tally.json").write_text(records.canonical({**record.tally(), "valid": 270}), "utf-8")
    bad = run(folder, "--key", KEY, "--english")
    assert bad.returncode == 1
    assert "[NOT OK]   Recount\n    tally.json line 1: valid: published 270, recounted 269\n" in bad.stdout
    assert (
        "[NOT OK]   Digests of the files\n    tally.json: the SHA-256 is not the statement's\n" in bad.stdout
    )
    assert bad.stdout.endswith("SOMETHING IS WRONG\n")


def test_a_key_out_of_the_folder_is_used_and_said_aloud(tmp_path):
    folder = records.write(tmp_path / "record", {**records.small().files(), "key.txt": f"{KEY}\n".encode()})
    ran = run(folder)
    assert ran.returncode == 0
    assert "注意：没有用 --key 给出公钥，用的是文件夹里的 key.txt。换掉记录的人也能换掉它。" in ran.stdout
    assert f"请与正式公告上的公钥核对：{KEY}" in ran.stdout
    assert "WARNING: no --key was given" in run(folder, "--english").stdout
    assert "注意" not in run(folder, "--key", KEY).stdout


def test_what_cannot_be_checked_ends_with_two(tmp_path):
    folder = records.write(tmp_path / "record", records.small().files())
    (tmp_path / "no.json").write_text("{", "utf-8")
    assert run(folder).returncode == 2
    assert run(tmp_path / "nothing", "--key", KEY).returncode == 2
    assert run(folder, "--key", KEY[:-3]).returncode == 2
    assert run(folder, "--key", KEY.replace("vote.", "note.")).returncode == 2
    assert run(folder, "--key", KEY, "--receipt", tmp_path / "no.json").returncode == 2
    assert run(folder, "--key", records.Key(seed=b"x" * 32).text).returncode == 1


# --- no line of the project, and nothing a citizen would have to install


def test_the_script_is_one_file_of_python_3_8_and_its_standard_library():
    source = (FOLDER / "verify_poll.py").read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_the_module_is_one_file():
    source = (FOLDER / "verify.js").read_text("utf-8")
    assert not re.findall(r"^\s*import\b|\bimport\s*\(|importScripts|\brequire\(", source, re.MULTILINE)
