"""One thing changed at random in a record, a thousand times: both verifiers notice each time.

The changes are made to what was published, by somebody without the key; and 300 more by somebody with it,
who seals ballots, checkpoints, acts or tally anew. After every fiftieth comes a copy that was left alone,
and both must let it pass.
"""

import hashlib
import json
import random

from tests.voting import records
from tests.voting.verifiers import by_module, by_script, wrong_in

TIMES, SEALED = 1000, 300
NAMES = (*records.FILES, "statement.txt")
LETTERS = b'0123456789abcdef,- Z{}"\n\xe2\x00'


def bit(chance, content, _theirs):
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]


def delete(chance, content, _theirs):
    place = chance.randrange(len(content))
    return content[:place] + content[place + chance.choice((1, 1, 2, 40)) :]


def insert(chance, content, _theirs):
    place = chance.randrange(len(content) + 1)
    return content[:place] + bytes([chance.choice(LETTERS)]) + content[place:]


def truncate(chance, content, _theirs):
    return content[: chance.randrange(len(content))]


def append(chance, content, _theirs):
    return content + chance.choice((b"\n", b" ", content[-60:], b"\r\n"))


def delete_line(chance, content, _theirs):
    lines = content.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def duplicate_line(chance, content, _theirs):
    lines = content.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    return b"".join(lines)


def reorder_lines(chance, content, _theirs):
    lines = content.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def foreign_line(chance, content, theirs):
    lines = content.splitlines(keepends=True)
    lines[chance.randrange(len(lines))] = chance.choice(theirs.splitlines(keepends=True))
    return b"".join(lines)


def returns(_chance, content, _theirs):
    return content.replace(b"\n", b"\r\n")


def foreign_file(_chance, _content, theirs):
    return theirs


def gone(_chance, _content, _theirs):
    return None


ANY_FILE = (
    *(bit, delete, insert, truncate, append, delete_line, duplicate_line, reorder_lines, foreign_line),
    *(returns, foreign_file, gone),
)


def field(chance, content, place, make):
    """One field of one ballot made anew."""
    lines = content.decode().splitlines()
    at = chance.randrange(len(lines))
    parts = lines[at].split(" ")
    parts[place] = make(parts[place])
    lines[at] = " ".join(parts)
    return "".join(f"{line}\n" for line in lines).encode()


def time(chance, content, _theirs):
    return field(
        chance, content, 4, lambda _old: f"2026-09-25T{chance.randrange(24):02}:{chance.randrange(6)}0Z"
    )


def picks(chance, content, _theirs):
    return field(chance, content, 3, lambda _old: ",".join(map(str, sorted(chance.sample(range(1, 9), 3)))))


def hexed(place):
    def change(chance, content, _theirs):
        return field(chance, content, place, lambda old: chance.randbytes(len(old) // 2).hex())

    return change


def notes_of(content):
    lines = content.decode().split("\n")
    return ["\n".join(lines[at : at + 5]) + "\n" for at in range(0, len(lines) - 1, 6)]


def swap_checkpoints(chance, content, _theirs):
    notes = notes_of(content)
    one, other = chance.sample(range(len(notes)), 2)
    notes[one], notes[other] = notes[other], notes[one]
    return "\n".join(notes).encode()


def foreign_checkpoint(chance, content, theirs):
    notes = notes_of(content)
    at = chance.randrange(len(notes))
    notes[at] = notes_of(theirs)[at]
    return "\n".join(notes).encode()


def edit_act(chance, content, _theirs):
    acts = [json.loads(line) for line in content.splitlines()]
    act = chance.choice(acts)
    match chance.choice(("kind", "entries", "drop", "act")):
        case "kind":
            act["kind"] = {"set_aside": "restore", "restore": "set_aside"}[act["kind"]]
        case "entries":
            act["entries"] = sorted({*act["entries"]} ^ {chance.randrange(300)})
        case "drop":
            del act["entries"][0]
        case "act":
            act["act"] += 1
    return "".join(map(records.canonical, acts)).encode()


def edit_reason(chance, content, _theirs):
    acts = [json.loads(line) for line in content.splitlines()]
    act = chance.choice(acts)
    name = chance.choice(("case", "reason", "grounds", "proposed_at", "decided_at"))
    act[name] = {"case": 9, "reason": "另一理由", "grounds": "other"}.get(name, "2026-09-26T09:20:30Z")
    return "".join(map(records.canonical, acts)).encode()


def edit_tally(chance, content, _theirs):
    tally = json.loads(content)
    one, other = chance.sample(tally["candidates"], 2)
    more = chance.choice((-2, -1, 1, 2))
    match chance.randrange(5):
        case 0:
            name = chance.choice(("cast", "set_aside", "valid"))
            tally[name] += more
        case 1:
            one["picks"] += more
        case 2:
            one["picks"], other["picks"] = other["picks"] + 1, one["picks"]
        case 3:
            one["set_aside"]["burst"] += more
        case 4:
            tally["grounds"][chance.choice(sorted(tally["grounds"]))] += more
    return records.canonical(tally).encode()


def edit_title(chance, content, _theirs):
    tally = json.loads(content)
    name, value = chance.choice(
        (("title", "另一次"), ("opens", "2026-09-24T08:00:00+08:00"), ("max_picks", 6))
    )
    tally[name] = value
    return records.canonical(tally).encode()


#: What somebody without the key does to one file: (change, file or None for any).
PUBLISHED = (
    *((change, None) for change in ANY_FILE),
    *((change, "ballots.txt") for change in (time, picks, hexed(2), hexed(5))),
    *((change, "checkpoints.txt") for change in (swap_checkpoints, foreign_checkpoint)),
    *((change, "cases.jsonl") for change in (edit_act, edit_reason)),
    *((change, "tally.json") for change in (edit_tally, edit_title)),
)
#: And somebody with it, who seals the files again: only what cannot be made whole by a new seal.
RESEALED = (
    *((change, "ballots.txt") for change in (time, picks, hexed(2), hexed(5), *ANY_FILE[:7], foreign_line)),
    *(
        (change, "checkpoints.txt")
        for change in (bit, insert, truncate, swap_checkpoints, foreign_checkpoint)
    ),
    *((change, "cases.jsonl") for change in (edit_act,)),
    *((change, "tally.json") for change in (edit_tally, truncate, append)),
)


def mutated(chance, changes, files, theirs):
    """The name of the change, its file, and the record with it."""
    while True:
        change, name = chance.choice(changes)
        name = name or chance.choice(NAMES)
        content = change(chance, files[name], theirs[name])
        if content != files[name]:
            break
    changed = {each: text for each, text in {**files, name: content}.items() if text is not None}
    return f"{change.__name__} {name}", changed


def resealed(record, files):
    """Statement and root fit the changed files: whoever reads only these finds nothing."""
    key, lines = record.key, files["ballots.txt"].split(b"\n")
    if not lines[-1]:
        lines.pop()
    root = records.root([hashlib.sha256(b"\0" + line).digest() for line in lines])
    digests = [f"{name} {hashlib.sha256(files[name]).hexdigest()}" for name in records.FILES]
    note = key.note(f"{record.origin}/statement", len(lines), records.b64(root), *digests)
    return {**files, "statement.txt": note.encode()}


def judged(tmp_path, copies, key):
    """What both found wrong in each: [(what was changed, by the script, by the module)]."""
    folders = []
    for number, (_what, files) in enumerate(copies):
        folders.append(records.write(tmp_path / str(number), files))
    jobs = [{"folder": str(folder), "key": key} for folder in folders]
    answers = by_module(jobs, tmp_path)
    scripts = [by_script(folder, key) for folder in folders]
    for script, answer in zip(scripts, answers, strict=True):
        assert (not script.good, not answer["good"]) == (bool(wrong_in(script)), bool(wrong_in(answer)))
    return [
        (what, wrong_in(script), wrong_in(answer))
        for (what, _files), script, answer in zip(copies, scripts, answers, strict=True)
    ]


def check(tmp_path, times, changes, seal):
    chance, record = random.Random(2026), records.small()
    good = record.files()
    theirs, copies = records.small(8, seed=2).files(), []
    for number in range(times):
        what, files = mutated(chance, changes, good, theirs)
        copies.append((what, resealed(record, files) if seal else files))
        if number % 50 == 0:
            copies.append(("", good))
    found = judged(tmp_path, copies, record.key.text)
    missed = [(what, script, module) for what, script, module in found if what and not (script and module)]
    assert missed == []
    untouched = [(script, module) for what, script, module in found if not what]
    assert untouched == [(set(), set())] * (times // 50)
    made = {what.split(" ")[0] for what, _script, _module in found if what}
    assert made == {change.__name__ for change, _name in changes}
    return found


def test_every_one_of_a_thousand_changes_is_noticed_by_both(tmp_path):
    found = check(tmp_path, TIMES, PUBLISHED, seal=False)
    assert len([what for what, *_rest in found if what]) == TIMES


def test_the_key_does_not_help_against_ballots_checkpoints_acts_and_figures(tmp_path):
    found = check(tmp_path, SEALED, RESEALED, seal=True)
    assert not [what for what, script, module in found if script & {"statement", "digests"}]
