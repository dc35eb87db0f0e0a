"""A table of faults made by hand: which check says what of each, in the script and in the page's module.

Most are made by somebody who holds the key: everything is signed and sealed again, so that no digest tells.
"""

import base64
import json
from uuid import UUID

import pytest

from tests.voting import records
from tests.voting.verifiers import by_module, by_script, wrong_in

OTHER_KEY = records.Key(seed=b"x" * 32)


def sealed(record, **files):
    """The record's files with some put in another's place, sealed anew."""
    found = record.files()
    found.update({name.replace("_", "."): text.encode() for name, text in files.items()})
    return record.sealed(found)


def with_line(change, place=5):
    def fault():
        record = records.small()
        record.lines[place] = change(record.lines[place])
        return record.files()

    return fault


def fields(line, **changed):
    parts = line.split(" ")
    for place, text in changed.items():
        parts[int(place[1:])] = text
    return " ".join(parts)


def with_tally(change):
    def fault():
        record = records.small()
        tally = record.tally()
        change(tally)
        return sealed(record, tally_json=records.canonical(tally))

    return fault


def with_acts(change):
    def fault():
        record = records.small()
        change(record.acts)
        return record.files()

    return fault


def with_notes(change):
    """Changes the list of checkpoints."""

    def fault():
        record = records.small()
        notes = [record.checkpoint(size) for size in record.sizes]
        changed = change(notes, record)
        return sealed(record, checkpoints_txt="\n".join(notes if changed is None else changed))

    return fault


def with_note(change):
    """Changes the lines of the fourth checkpoint, and signs it."""

    def change_notes(notes, record):
        lines = notes[3].partition("\n\n")[0].split("\n")
        change(lines)
        notes[3] = record.key.note(*lines)

    return with_notes(change_notes)


def put(place, key, value):
    """A change of one field: of an act of a list of them, or of a tally's candidate."""
    return lambda acts: acts[place].__setitem__(key, value)


def unsealed(**files):
    def fault():
        found = records.small().files()
        found.update(
            {name.replace("_", "."): change(found[name.replace("_", ".")]) for name, change in files.items()}
        )
        return {name: content for name, content in found.items() if content is not None}

    return fault


def statement(change, key=None):
    """Another text of the statement, signed."""

    def fault():
        record = records.small()
        files = record.files()
        lines = files["statement.txt"].decode().partition("\n\n")[0].split("\n")
        change(lines)
        return {**files, "statement.txt": (key or record.key).note(*lines).encode()}

    return fault


def twice():
    record = records.small()
    record.ballots[7] = record.ballots[5]
    record.lines[7] = record.lines[5]
    return record.files()


def same_record():
    record = records.small()
    record.lines[7] = fields(record.lines[7], f2=record.ballots[5].record)
    return record.files()


def other_root():
    record = records.small()
    return record.sealed(record.files(), lines=[*record.lines[:-1], record.lines[0]])


def more_promised():
    record = records.small()
    return record.sealed(record.files(), lines=[*record.lines, "1"])


def fewer_published():
    """A ballot is left out of file, tally and statement; the checkpoints are those that were signed."""
    record = records.small()
    notes = "\n".join(map(record.checkpoint, record.sizes))
    del record.lines[280], record.ballots[280]
    return sealed(record, checkpoints_txt=notes)


def swapped():
    """Two ballots change places; checkpoints as they were."""
    record = records.small()
    notes = "\n".join(map(record.checkpoint, record.sizes))
    for each in (record.lines, record.ballots):
        each[50], each[51] = each[51], each[50]
    return sealed(record, checkpoints_txt=notes)


def raw(name, change):
    """Other bytes of a file, sealed."""

    def fault():
        record = records.small()
        files = record.files()
        return record.sealed({**files, name: change(files[name])})

    return fault


def last_act_by_no_grounds():
    record = records.small()
    acts = [*record.acts[:4], {**record.acts[4], "grounds": "mood"}]
    return sealed(record, cases_jsonl="".join(map(records.canonical, acts)))


def rewritten():
    """A ballot is changed after the last checkpoint but one, and counted so; checkpoints as they were."""
    record = records.small()
    notes = "\n".join(map(record.checkpoint, record.sizes))
    record.ballots[200].picks = [1, 2]
    record.lines[200] = fields(record.lines[200], f3="1,2")
    return sealed(record, checkpoints_txt=notes)


def other_poll(name):
    def fault():
        record = records.small()
        theirs = records.small(8, seed=2).files()
        return sealed(record, **{name.replace(".", "_"): theirs[name].decode()})

    return fault


def spare_bits(text: bytes) -> bytes:
    """The same signature in another spelling: base64 of 68 bytes ends in one letter with four spare bits."""
    assert text.endswith(b"=\n")
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters.index(text[-3:-2])
    return text[:-3] + letters[last + 1 : last + 2] + text[-2:]


def bigger_s(text: bytes) -> bytes:
    """The signature with the order of the group added to S: as good to who does not look."""
    body, _space, tail = text[:-1].rpartition(b" ")
    raw = base64.b64decode(tail)
    s = int.from_bytes(raw[36:], "little") + 2**252 + 27742317777372353535851937790883648493
    return body + b" " + base64.b64encode(raw[:36] + s.to_bytes(32, "little")) + b"\n"


FAULTS = {
    # the statement
    "statement gone": (unsealed(statement_txt=lambda _text: None), "statement"),
    "statement by another key": (
        lambda: {
            **records.small().files(),
            "statement.txt": records.small(key=OTHER_KEY).files()["statement.txt"],
        },
        "statement",
    ),
    "statement of another spelling": (unsealed(statement_txt=spare_bits), "statement"),
    "statement with a bigger S": (unsealed(statement_txt=bigger_s), "statement"),
    "statement with a second signature": (
        unsealed(statement_txt=lambda text: text + text.rpartition(b"\n\n")[2]),
        "statement",
    ),
    "statement of a file more": (statement(lambda lines: lines.append("z.txt " + "0" * 64)), "statement"),
    "statement of a file less": (statement(lambda lines: lines.pop()), "statement"),
    "statement in another order": (
        statement(lambda lines: lines.__setitem__(slice(3, 5), lines[4:2:-1])),
        "statement",
    ),
    "statement is a checkpoint": (
        lambda: {**records.small().files(), "statement.txt": records.small().checkpoint(300).encode()},
        "statement",
    ),
    "statement of another poll": (
        statement(lambda lines: lines.__setitem__(0, "vote.example/vote/8/statement")),
        "tally_form lines checkpoints tally",
    ),
    # digests
    "ballots gone": (unsealed(ballots_txt=lambda _text: None), "digests lines records"),
    "cases gone": (unsealed(cases_jsonl=lambda _text: None), "digests cases_form tally"),
    "checkpoints gone": (unsealed(checkpoints_txt=lambda _text: None), "digests checkpoints"),
    "tally gone": (unsealed(tally_json=lambda _text: None), "digests tally_form"),
    "title": (
        unsealed(tally_json=lambda text: text.replace("2026年".encode(), "2027年".encode())),
        "digests",
    ),
    "reason": (unsealed(cases_jsonl=lambda text: text.replace("举报".encode(), "检举".encode())), "digests"),
    "moment of a case": (
        unsealed(cases_jsonl=lambda text: text.replace(b"09:20:31", b"09:20:32", 1)),
        "digests",
    ),
    # forms
    "tally with spaces": (
        lambda: sealed(
            records.small(), tally_json=json.dumps(records.small().tally(), sort_keys=True) + "\n"
        ),
        "tally_form",
    ),
    "tally without its end": (
        lambda: sealed(records.small(), tally_json=records.canonical(records.small().tally())[:-1]),
        "tally_form",
    ),
    "tally of a field twice": (
        lambda: sealed(
            records.small(),
            tally_json=records.canonical(records.small().tally()).replace("{", '{"cast":1,', 1),
        ),
        "tally_form",
    ),
    "tally of a field more": (with_tally(lambda tally: tally.__setitem__("note", "")), "tally_form"),
    "tally with a fraction": (with_tally(lambda tally: tally.__setitem__("cast", 300.0)), "tally_form"),
    "tally of version 2": (with_tally(lambda tally: tally.__setitem__("version", 2)), "tally_form"),
    "tally of true": (with_tally(lambda tally: tally.__setitem__("version", True)), "tally_form"),
    "tally on no day": (
        with_tally(lambda tally: tally.__setitem__("opens", "2026-02-30T09:00:00Z")),
        "tally_form",
    ),
    "tally closes first": (
        with_tally(lambda tally: tally.__setitem__("closes", tally["opens"])),
        "tally_form",
    ),
    "tally min over max": (with_tally(lambda tally: tally.__setitem__("min_picks", 6)), "tally_form"),
    "tally by no grounds": (with_tally(lambda tally: tally["grounds"].__setitem__("mood", 1)), "tally_form"),
    "tally in another order": (with_tally(lambda tally: tally["candidates"].reverse()), "tally_form"),
    "tally of another poll": (other_poll("tally.json"), "tally_form tally"),
    "case by no grounds": (last_act_by_no_grounds, "cases_form tally"),
    "case decided first": (with_acts(put(2, "decided_at", "2026-09-26T08:59:59Z")), "cases_form acts tally"),
    "case of no ballots": (with_acts(put(3, "entries", [])), "cases_form acts tally"),
    "case out of order": (with_acts(lambda acts: acts[0]["entries"].reverse()), "cases_form acts tally"),
    "case not in UTF-8": (raw("cases.jsonl", lambda text: text + b"\xff\n"), "cases_form"),
    # lines
    "line of another poll": (with_line(lambda line: fields(line, f1="8")), "lines tally"),
    "line of version 2": (with_line(lambda line: fields(line, f0="2")), "lines tally"),
    "line with a capital": (with_line(lambda line: fields(line, f2="A" * 32)), "lines tally"),
    "line with a blank": (with_line(lambda line: line + " "), "lines tally"),
    "line with a return": (with_line(lambda line: line + "\r"), "lines tally"),
    "line cut": (with_line(lambda line: line[:-1]), "lines tally"),
    "line empty": (with_line(lambda _line: ""), "lines tally"),
    "line without picks": (with_line(lambda line: fields(line, f3="")), "lines tally"),
    "one pick": (with_line(lambda line: fields(line, f3="1")), "lines tally"),
    "six picks": (with_line(lambda line: fields(line, f3="1,2,3,4,5,6")), "lines tally"),
    "a pick twice": (with_line(lambda line: fields(line, f3="1,1,2")), "lines tally"),
    "picks descend": (with_line(lambda line: fields(line, f3="3,1")), "lines tally"),
    "a pick that is none": (with_line(lambda line: fields(line, f3="1,9")), "lines tally"),
    "a pick with a zero": (with_line(lambda line: fields(line, f3="01,2")), "lines tally"),
    "before it opens": (with_line(lambda line: fields(line, f4="2026-09-24T00:50Z")), "lines"),
    "when it closes": (with_line(lambda line: fields(line, f4="2026-09-26T16:00Z")), "lines"),
    "no ten minutes": (with_line(lambda line: fields(line, f4="2026-09-25T01:05Z")), "lines"),
    "no such day": (with_line(lambda line: fields(line, f4="2026-09-31T01:00Z")), "lines"),
    "no line feed at the end": (raw("ballots.txt", lambda text: text[:-1]), "lines"),
    "a line twice": (twice, "records"),
    "a record twice": (same_record, "records"),
    # the log
    "another root": (other_root, "root"),
    "more promised": (more_promised, "root checkpoints"),
    "a ballot left out": (fewer_published, "checkpoints"),
    "a ballot rewritten": (rewritten, "checkpoints"),
    "two ballots in another order": (swapped, "checkpoints"),
    "checkpoint by another key": (
        with_notes(lambda notes, _record: notes.__setitem__(3, records.small(key=OTHER_KEY).checkpoint(7))),
        "checkpoints",
    ),
    "checkpoint of another root": (
        with_note(lambda lines: lines.__setitem__(2, records.b64(b"r" * 32))),
        "checkpoints",
    ),
    "checkpoint of another poll": (
        with_notes(lambda notes, _record: notes.__setitem__(3, records.small(8).checkpoint(7))),
        "checkpoints",
    ),
    "checkpoint unsigned": (
        with_notes(lambda notes, record: notes.__setitem__(3, f"{record.origin}\n7\n")),
        "checkpoints",
    ),
    "checkpoint of one line more": (with_note(lambda lines: lines.append("more")), "checkpoints"),
    "checkpoint with a zero": (with_note(lambda lines: lines.__setitem__(1, "07")), "checkpoints"),
    "checkpoint of more than all": (
        with_notes(
            lambda notes, record: notes.append(record.key.note(record.origin, 301, records.b64(b"r" * 32)))
        ),
        "checkpoints",
    ),
    "checkpoints in another order": (with_notes(lambda notes, _record: notes.reverse()), "checkpoints"),
    "checkpoint twice": (with_notes(lambda notes, _record: notes.insert(3, notes[3])), "checkpoints"),
    "last checkpoint gone": (with_notes(lambda notes, _record: notes[:-1]), "checkpoints"),
    "all checkpoints gone": (with_notes(lambda _notes, _record: []), "checkpoints"),
    "checkpoints without a line between": (
        with_notes(lambda notes, _record: [notes[0] + notes[1], *notes[2:]]),
        "checkpoints",
    ),
    # acts
    "set aside what is": (with_acts(put(4, "entries", [11, 101, 250])), "acts tally"),
    "restored what counts": (with_acts(lambda acts: acts[2]["entries"].append(60)), "acts"),
    "set aside out of the log": (with_acts(lambda acts: acts[4]["entries"].append(300)), "acts tally"),
    "an act left out": (with_acts(lambda acts: acts.pop(3)), "acts tally"),
    "a case twice": (with_acts(put(4, "case", 5)), "acts"),
    "acts in another order": (with_acts(lambda acts: acts.reverse()), "acts"),
    # the tally
    "a pick more": (
        with_tally(
            lambda tally: tally["candidates"][2].__setitem__("picks", tally["candidates"][2]["picks"] + 1)
        ),
        "tally",
    ),
    "picks of two changed": (
        with_tally(lambda tally: [each.__setitem__("picks", 100) for each in tally["candidates"][:2]]),
        "tally",
    ),
    "a valid ballot more": (
        with_tally(lambda tally: tally.__setitem__("valid", tally["valid"] + 1)),
        "tally",
    ),
    "a cast ballot more": (with_tally(lambda tally: tally.__setitem__("cast", 301)), "tally"),
    "fewer set aside": (with_tally(lambda tally: tally.__setitem__("set_aside", 1)), "tally"),
    "on other grounds": (
        with_tally(lambda tally: tally.__setitem__("grounds", {**tally["grounds"], "report": 4})),
        "tally",
    ),
    "a candidate's on other grounds": (
        with_tally(lambda tally: tally["candidates"][0].__setitem__("set_aside", {"other": 1})),
        "tally",
    ),
    "a candidate renumbered": (
        with_tally(lambda tally: tally["candidates"][7].__setitem__("number", 9)),
        "lines tally",
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What both say of each: {name: (script, module)}."""
    root = tmp_path_factory.mktemp("faults")
    key = records.Key().text
    folders = {
        name: records.write(root / str(n), make()) for n, (name, (make, _wanted)) in enumerate(FAULTS.items())
    }
    jobs = [{"folder": str(folder), "key": key} for folder in folders.values()]
    answers = dict(zip(folders, by_module(jobs, root), strict=True))
    return {name: (by_script(folder, key), answers[name]) for name, folder in folders.items()}


@pytest.mark.parametrize("name", FAULTS)
def test_the_right_check_speaks(found, name):
    script, module = found[name]
    wanted = set(FAULTS[name][1].split())
    assert wrong_in(script) == wanted
    assert wrong_in(module) == wanted
    assert not script.good
    assert not module["good"]


def test_where_it_is_told(found):
    script, module = found["one pick"]
    where = [(file, line) for file, line, *_words in script.faults["lines"]]
    assert where == [("ballots.txt", 6)]
    (lines,) = [check for check in module["checks"] if check["id"] == "lines"]
    assert [(each["file"], each["line"], each["text"]) for each in lines["faults"]] == [
        ("ballots.txt", 6, "所选家数少于或多于规定")
    ]
    script, module = found["a record twice"]
    assert script.faults["records"][0] == (
        "ballots.txt",
        8,
        "与第 6 行的编号相同",
        "the same record as in line 6",
    )
    script, module = found["a pick more"]
    assert script.faults["tally"][0][2].startswith("3 号有效票：公布 ")
    (tally,) = [check for check in module["checks"] if check["id"] == "tally"]
    assert tally["faults"][0]["text"] == script.faults["tally"][0][2]


def receipt(**changed):
    return {**records.small().receipt(5), **changed}


def promised(place=5, **over):
    """A receipt signed for something else than the line."""
    record = records.small()
    leaf = over.get("leaf", records.leaf(record.lines[place]))
    time = over.get("time", record.ballots[place].time)
    note = (over.get("key") or record.key).note(
        f"{record.origin}/receipt", "7F3K-92QD-M4XA", records.b64(leaf), time
    )
    return receipt(note=note)


RECEIPTS = {
    "good": (receipt(), ""),
    "without what need not be": (
        {k: v for k, v in receipt().items() if k in ("note", "ballot", "nonce")},
        "",
    ),
    "no receipt": ({}, "receipt_signature receipt_bound"),
    "a list": ([], "receipt_signature receipt_bound"),
    "signed by another": (promised(key=OTHER_KEY), "receipt_signature"),
    "a letter of the note": (receipt(note=receipt()["note"].replace("7F3K", "7F3J")), "receipt_signature"),
    "of another poll": (records.small(8).receipt(5), "receipt_signature"),
    "another code": (receipt(code="AAAA-AAAA-AAAA"), "receipt_signature"),
    "no nonce": (receipt(nonce=None), "receipt_bound"),
    "another nonce": (receipt(nonce="00" * 16), "receipt_bound receipt_line"),
    "another ballot": (receipt(ballot=str(UUID(int=1))), "receipt_bound receipt_line"),
    "another record": (receipt(record="00" * 16), "receipt_bound"),
    "another leaf": (promised(leaf=b"r" * 32), "receipt_line"),
    "another time": (promised(time="2026-09-24T01:00Z"), "receipt_line"),
    "other picks": (receipt(picks=[1, 2, 3, 4, 5]), "receipt_line"),
    "not in the record": (records.small(seed=9).receipt(5), "receipt_line"),
}


def test_each_receipt(tmp_path):
    record = records.small()
    folder = records.write(tmp_path / "record", record.files())
    jobs = [
        {"folder": str(folder), "key": record.key.text, "receipt": given}
        for given, _wanted in RECEIPTS.values()
    ]
    for (name, (given, wanted)), answer in zip(RECEIPTS.items(), by_module(jobs, tmp_path), strict=True):
        check = by_script(folder, record.key.text, given)
        assert (name, wrong_in(check)) == (name, set(wanted.split()))
        assert (name, wrong_in(answer)) == (name, set(wanted.split()))
        assert check.good == answer["good"] == (not wanted)


@pytest.mark.parametrize(
    ("place", "grounds", "why"),
    [
        (5, "", ""),
        (12, "burst", "短时间内异常集中"),
        (25, "", ""),
        (101, "report", "举报查实"),
        (110, "device", "同一设备反复投票"),
    ],
)
def test_a_receipt_learns_whether_it_counts(tmp_path, place, grounds, why):
    record = records.small()
    folder = records.write(tmp_path / "record", record.files())
    given = record.receipt(place)
    check = by_script(folder, record.key.text, given)
    assert (check.told["found"][0], check.told["picks"], check.told["grounds"]) == (
        place,
        given["picks"],
        grounds,
    )
    (answer,) = by_module([{"folder": str(folder), "key": record.key.text, "receipt": given}], tmp_path)
    said = answer["receipt"]
    assert (said["line"], said["picks"], said["grounds"], said["why"]) == (
        place + 1,
        given["picks"],
        grounds,
        why,
    )
