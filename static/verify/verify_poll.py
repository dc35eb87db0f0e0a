#!/usr/bin/env python3
"""查验一次投票的公开记录 / Check the public record of a poll, with nothing but Python 3.8 or later.

    python3 verify_poll.py FOLDER --key "NAME+HASH+KEY" [--receipt FILE] [--english] [--processes N]

FOLDER holds ballots.txt, checkpoints.txt, cases.jsonl, tally.json and statement.txt as they were published.
The key is printed in the official notice; take it from there. Without --key the one in FOLDER/key.txt is
used, and the result then says nothing about who signed.

Ends with 0 when everything is in order, 1 when something is not, 2 when it could not be checked.

ballots.txt is read once, in chunks of 16 384 lines spread over processes; a chunk is a whole subtree of the
log, so that only the roots of the chunks (a stack of at most 40) are kept. Whether a record occurs twice
is asked through 256 temporary files by its first byte (16 bytes a ballot on disk), one of them in memory at
a time. What is set aside is one byte a ballot. Ed25519 is written out below from RFC 8032.
"""

import argparse
import base64
import binascii
import hashlib
import itertools
import json
import os
import re
import sys
import tempfile
from collections import Counter, deque
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from multiprocessing import Pool
from pathlib import Path
from uuid import UUID

FILES = ("ballots.txt", "cases.jsonl", "checkpoints.txt", "tally.json")
GROUNDS = ("address", "area", "burst", "clique", "device", "dwell", "other", "report", "sequence")
HEIGHT = 14  # of the subtree of a chunk
CHUNK = 1 << HEIGHT
SMALL = 400 * CHUNK  # bytes of a file that one process reads, with nothing on disk
SHOWN = 20  # faults told of one check
LINE = re.compile(
    rb"^1 ([1-9][0-9]*) ([0-9a-f]{32}) ([1-9][0-9]{0,4}(?:,[1-9][0-9]{0,4})*)"
    rb" ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z) ([0-9a-f]{64})\n",
    re.MULTILINE,
)
ORIGIN = re.compile(r"[^+\s]+/vote/([1-9][0-9]*)")

NAMES = {
    "statement": ("签名声明", "Signed statement"),
    "digests": ("各文件的摘要", "Digests of the files"),
    "tally_form": ("计票表的格式", "Form of the tally"),
    "cases_form": ("异常票处置案的格式", "Form of the cases"),
    "lines": ("每张选票的格式和规则", "Form and rules of every ballot"),
    "records": ("没有重复的选票", "No ballot twice"),
    "root": ("张数和树根", "Number and root of the ballots"),
    "checkpoints": ("各检查点", "Checkpoints"),
    "acts": ("隔离和恢复前后相符", "Setting aside and restoring"),
    "tally": ("重新计票", "Recount"),
    "receipt_signature": ("回执的签名", "Signature of the receipt"),
    "receipt_bound": ("回执与选票号相符", "Receipt bound to the ballot"),
    "receipt_line": ("回执对应的选票在公开记录中", "The ballot of the receipt is in the record"),
}
GROUNDS_NAMES = {
    "address": ("来源地址异常集中", "many from one address"),
    "area": ("外地号码异常集中", "many numbers from elsewhere"),
    "burst": ("短时间内异常集中", "a burst in a short time"),
    "clique": ("选择完全相同且集中", "the same picks in a group"),
    "device": ("同一设备反复投票", "one device again and again"),
    "dwell": ("停留时间异常短", "too short a look at the page"),
    "other": ("其他", "other"),
    "report": ("举报查实", "a report that proved true"),
    "sequence": ("号码连续", "numbers in sequence"),
}


class Wrong(Exception):
    """What is wrong, in Chinese and in English."""


# --- Ed25519 (RFC 8032), verifying only: points are (X, Y, Z, T), multiples come from a table of the key

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
WINDOW = 6


def add(one, other):
    """`other` is (Y - X, Y + X, 2 Z, 2 d T)."""
    x, y, z, t = one
    minus, plus, twice, product = other
    a, b, c, d = (y - x) * minus, (y + x) * plus, t * product, z * twice
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def ready(point):
    x, y, z, t = point
    return (y - x) % P, (y + x) % P, 2 * z % P, 2 * D * t % P


def decode(raw):
    """A point of 32 bytes; None where there is none, or in another than the shortest form."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (not x and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encode(point):
    x, y, z, _t = point
    inverse = pow(z, P - 2, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


@lru_cache(maxsize=8)
def table(point):
    rows, base = [], point
    for _window in range(-(-256 // WINDOW)):
        row, step = [None], ready(base)
        each = base
        for _number in range(1, 1 << WINDOW):
            row.append(ready(each))
            each = add(each, step)
        rows.append(row)
        base = each
    return rows


def multiple(total, number, rows):
    """`total` + `number` × the point of the table."""
    for row in rows:
        digit = number & (1 << WINDOW) - 1
        if digit:
            total = add(total, row[digit])
        number >>= WINDOW
    return total


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, signature, message):
    """Whether `signature` (64 bytes) over `message` is of the key `public` (32 bytes)."""
    key, s = decode(public), int.from_bytes(signature[32:], "little")
    if key is None or s >= ORDER:
        return False
    x, y, z, t = key
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    total = multiple((0, 1, 1, 0), s, table(BASE))
    return encode(multiple(total, k, table((P - x, y, z, P - t)))) == signature[:32]


# --- signed notes


def unbase64(text, size):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong("Base64 编码不对", "the Base64 is not right") from None
    if len(raw) != size or base64.b64encode(raw).decode() != text:
        raise Wrong("Base64 编码不对", "the Base64 is not right")
    return raw


class Key:
    """name+hash+key, as printed in the notice."""

    def __init__(self, text):
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not parts[0] or re.search(r"\s", parts[0]):
            raise Wrong("公钥应写作 名称+八位+密钥", "the key should read name+hash+key")
        self.name, given, key = parts
        try:
            raw = unbase64(key, 33)
        except Wrong:
            raw = bytes(33)
        self.public = raw[1:]
        self.hash = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if raw[0] != 1 or self.hash.hex() != given or decode(self.public) is None:
            raise Wrong("公钥抄错了，请与公告核对", "the key was not copied right, please look at the notice")

    def opened(self, note):
        """Body and signature of a note; Wrong when it is no note with one signature line of this key."""
        body, found, tail = note.rpartition("\n\n")
        line = re.fullmatch("\N{EM DASH} ([^ \n]+) ([^ \n]+)\n", tail)
        if not found or not body or not line:
            raise Wrong("不是一份签名文书", "this is no signed note")
        if line.group(1) != self.name:
            raise Wrong("签名人不是这把公钥的名称", "the name of the signer is not that of the key")
        raw = unbase64(line.group(2), 68)
        if raw[:4] != self.hash:
            raise Wrong("不是用这把公钥对应的密钥签的", "it was not signed with the key given")
        return body + "\n", raw[4:]

    def read(self, note):
        """The lines of the body of a note whose signature fits."""
        body, signature = self.opened(note)
        if not signed(self.public, signature, body.encode()):
            raise Wrong("签名与文字不符", "the signature does not fit the text")
        return body[:-1].split("\n")


def number_of(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,14}", text):
        raise Wrong("数目的写法不对", "a number is not written as it should be")
    return int(text)


# --- canonical JSON and its fields


def once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(pairs)
    return found


def canonical(text):
    """What a line of canonical JSON says, without its line feed."""
    try:
        found = json.loads(text, object_pairs_hook=once)
        again = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise Wrong("不是 JSON", "this is no JSON") from None
    if again != text:
        raise Wrong("JSON 的写法不是规定的唯一写法", "the JSON is not in its canonical form")
    return found


def whole(found):
    return type(found) is int and 0 <= found < 2**53


def moment(found):
    """A moment of ISO 8601, or None."""
    hours = r"([01][0-9]|2[0-3]):[0-5][0-9]"
    form = r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T%s:[0-5][0-9](Z|[+-]%s)" % (hours, hours)
    if not isinstance(found, str) or not re.fullmatch(form, found):
        return None
    try:
        return datetime.fromisoformat(found.replace("Z", "+00:00"))
    except ValueError:
        return None


def by_grounds(found):
    return isinstance(found, dict) and all(
        each in GROUNDS and whole(number) and number for each, number in found.items()
    )


def text_of(found):
    return isinstance(found, str)


def moment_of(found):
    return moment(found) is not None


TALLY = {
    "origin": text_of,
    "version": lambda found: found == 1 and whole(found),
    "title": text_of,
    "opens": moment_of,
    "closes": moment_of,
    "min_picks": whole,
    "max_picks": whole,
    "ballots_per": lambda found: found in ("poll", "day"),
    "cast": whole,
    "set_aside": whole,
    "valid": whole,
    "candidates": lambda found: isinstance(found, list),
    "grounds": by_grounds,
}
CANDIDATE = {"number": whole, "name": text_of, "picks": whole, "set_aside": by_grounds}
ACT = {
    "act": whole,
    "case": whole,
    "kind": lambda found: found in ("set_aside", "restore"),
    "grounds": lambda found: found in GROUNDS,
    "reason": text_of,
    "proposed_at": moment_of,
    "decided_at": moment_of,
    "entries": lambda found: isinstance(found, list) and found and all(map(whole, found)),
}


def fields(found, wanted):
    if not isinstance(found, dict) or set(found) != set(wanted):
        raise Wrong("字段不全或多出", "fields are missing or too many")
    for name, fits in wanted.items():
        if not fits(found[name]):
            raise Wrong("“%s” 的内容不对" % name, "“%s” is not what it should be" % name)


# --- ballots, a chunk of them in a process


class Rules:
    """What a line is judged by; None where the file that says it cannot be read."""

    def __init__(self, poll, tally):
        self.poll, self.known = poll, tally is not None
        if tally:
            self.least, self.most = tally["min_picks"], tally["max_picks"]
            self.numbers = frozenset(each["number"] for each in tally["candidates"])
            self.opens, self.closes = moment(tally["opens"]), moment(tally["closes"])

    def picks(self, text):
        """The numbers picked, or what is wrong with them."""
        picks = [int(each) for each in text.split(b",")]
        if any(one >= other for one, other in zip(picks, picks[1:])):
            raise Wrong("所选编号没有由小到大排列，或有重复", "the picks do not ascend")
        if self.known and not self.least <= len(picks) <= self.most:
            raise Wrong("所选家数少于或多于规定", "fewer or more picks than allowed")
        if self.known and not self.numbers.issuperset(picks):
            raise Wrong("所选编号中有不是候选的", "a pick is no candidate")
        return picks

    def time(self, text):
        try:
            at = datetime.strptime(text.decode(), "%Y-%m-%dT%H:%MZ").replace(tzinfo=timezone.utc)
        except ValueError:
            raise Wrong("时间不存在", "there is no such time") from None
        if at.minute % 10:
            raise Wrong("时间不是整十分钟", "the time is not a full ten minutes")
        if self.known and not (at < self.closes and at + timedelta(minutes=10) > self.opens):
            raise Wrong("不在投票时间内", "outside the time of voting")


def judged(text, seen, judge):
    """What `judge` says of a text that comes again and again: (answer, None) or (None, (zh, en))."""
    if text not in seen:
        if len(seen) > 100000:
            seen.clear()
        try:
            seen[text] = judge(text), None
        except Wrong as wrong:
            seen[text] = None, wrong.args
    return seen[text]


def subtrees(leaves):
    """The levels of the tree over a chunk, whole nodes only."""
    levels, sha256 = [leaves], hashlib.sha256
    while len(levels[-1]) > 1:
        nodes = iter(levels[-1])
        levels.append([sha256(b"\1" + left + right).digest() for left, right in zip(nodes, nodes)])
    return levels


def stack_of(levels, size):
    """The whole subtrees, biggest first, of the first `size` leaves: (height, hash)."""
    found, start = [], 0
    for height in range(size.bit_length() - 1, -1, -1):
        if size >> height & 1:
            found.append((height, levels[height][start >> height]))
            start += 1 << height
    return found


def folded(stack):
    """RFC 6962's root of a stack of subtrees."""
    if not stack:
        return hashlib.sha256(b"").digest()
    root = stack[-1][1]
    for _height, left in reversed(stack[:-1]):
        root = hashlib.sha256(b"\1" + left + root).digest()
    return root


def joined(stack, more):
    """A stack with further subtrees to its right; equal neighbours become one."""
    stack = list(stack)
    for height, node in more:
        while stack and stack[-1][0] == height:
            node = hashlib.sha256(b"\1" + stack.pop()[1] + node).digest()
            height += 1
        stack.append((height, node))
    return stack


PLAN = {}  # of this process: rules, public key, record looked for, folder of the buckets or a list instead
SEEN = {"picks": {}, "times": {}, "files": {}}


def prepare(plan):
    for handle in SEEN["files"].values():
        handle.close()
    PLAN.clear()
    PLAN.update(plan)
    SEEN.update(picks={}, times={}, files={})


def work(first, data, aside, notes):
    """One chunk: `first` its first place, `aside` a byte a ballot or None, `notes` the checkpoints in it."""
    rules, faults = PLAN["rules"], []
    lines = data.split(b"\n")
    if lines[-1]:
        faults.append((first + len(lines), "行末没有换行", "no line feed at the end"))
    else:
        lines.pop()
    rows = LINE.findall(data)
    if len(rows) != len(lines):
        rows = []
        for place, line in enumerate(lines):
            found = LINE.fullmatch(line + b"\n")
            rows.append(found.groups() if found else None)
            if not found:
                faults.append((first + place + 1, "不是一行选票", "this is no line of a ballot"))
    if {row[0] for row in rows if row} - {rules.poll}:
        for place, row in enumerate(rows):
            if row and row[0] != rules.poll:
                faults.append((first + place + 1, "不是这次投票的选票", "a ballot of another poll"))
                rows[place] = None
    picked, wrong_picks = chosen(rows, aside, rules)
    times = {row[3] for row in rows if row}
    wrong_times = {time for time in times if judged(time, SEEN["times"], rules.time)[1]}
    if wrong_picks or wrong_times:
        for place, row in enumerate(rows, first + 1):
            if row and row[2] in wrong_picks:
                faults.append((place, *wrong_picks[row[2]]))
            elif row and row[3] in wrong_times:
                faults.append((place, *SEEN["times"][row[3]][1]))
    scatter(row[1] for row in rows if row)
    sha256 = hashlib.sha256
    levels = subtrees([sha256(b"\0" + line).digest() for line in lines])
    checked = []
    for at, size, body, signature in notes:
        fits = signed(PLAN["public"], signature, body)
        checked.append((at, size, fits, stack_of(levels, size - first)))
    found = None
    if PLAN["record"]:
        place = data.find(b" " + PLAN["record"] + b" ")
        if place >= 0:
            place = data.count(b"\n", 0, place)
            found = first + place, lines[place]
    return {
        "size": len(lines),
        "stack": stack_of(levels, len(lines)),
        "picked": picked,
        "faults": (len(faults), sorted(faults)[:SHOWN]),
        "notes": checked,
        "found": found,
    }


def chosen(rows, aside, rules):
    """{0 or grounds: Counter of candidates and of "ballots"}, and what is wrong with which picks."""
    if aside:
        texts = Counter((mark, row[2] if row else None) for mark, row in zip(aside, rows))
    else:
        texts = Counter(zip(itertools.repeat(0), (row[2] if row else None for row in rows)))
    found, wrong = {}, {}
    for (mark, text), times in texts.items():
        counts = found.setdefault(mark, Counter())
        counts["ballots"] += times
        picks, fault = judged(text, SEEN["picks"], rules.picks) if text else (None, None)
        if fault:
            wrong[text] = fault
        for pick in picks or ():
            counts[pick] += times
    return found, wrong


def scatter(records):
    """Append each record to the file of its first byte; of a short file they stay in memory."""
    if isinstance(PLAN["buckets"], list):
        PLAN["buckets"].extend(records)
        return
    buckets = {}
    for record in records:
        buckets.setdefault(record[:2], []).append(record)
    for name, found in buckets.items():
        if name not in SEEN["files"]:
            path = Path(PLAN["buckets"], "%s-%d" % (name.decode(), os.getpid()))
            SEEN["files"][name] = path.open("ab", 0)
        SEEN["files"][name].write(bytes.fromhex(b"".join(found).decode()))


class Alone:
    """A pool that is this process."""

    def __init__(self, plan):
        prepare(plan)

    def apply_async(self, function, given):
        self.answer = function(*given)
        return self

    def get(self):
        return self.answer

    def close(self):
        prepare({})

    def terminate(self):
        prepare({})


# --- the whole


class Check:
    """Reads a folder; `faults` holds what is wrong by check, `undone` which could not be made."""

    def __init__(self, folder, key, receipt=None, processes=1, progress=None):
        self.folder, self.key, self.receipt = Path(folder), key, receipt
        self.processes, self.progress = processes, progress or (lambda done, all: None)
        self.checks = [each for each in NAMES if receipt is not None or not each.startswith("receipt")]
        self.faults, self.number, self.undone = {}, Counter(), set()
        self.origin = self.size = self.root = self.tally = None
        self.digests, self.declared, self.told = {}, {}, {}

    def bad(self, check, file, line, zh, en):
        self.number[check] += 1
        if len(self.faults.setdefault(check, [])) < SHOWN:
            self.faults[check].append((file, line, zh, en))

    def run(self):
        self.read_statement()
        self.read_tally()
        if self.receipt is not None:
            self.read_receipt()
        with tempfile.TemporaryDirectory(prefix="verify-poll-") as folder:
            aside = self.read_cases()
            buckets = folder if self.length() > SMALL else []
            picked = self.read_ballots(aside, buckets)
            self.once(buckets)
        self.compare_digests()
        self.recount(picked)
        return self

    @property
    def good(self):
        return not self.faults and not self.undone.intersection(self.checks)

    def length(self):
        path = self.folder / "ballots.txt"
        return path.stat().st_size if path.is_file() else 0

    def whole_file(self, check, name, most):
        """The text of a small file; None, and told, where there is none."""
        try:
            with (self.folder / name).open("rb") as file:
                raw = file.read(most)
        except OSError:
            self.bad(check, name, 0, "没有这个文件", "the file is missing")
            return None
        self.digests[name] = hashlib.sha256(raw).hexdigest()
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.bad(check, name, 0, "不是 UTF-8 文字", "this is no UTF-8 text")
            return None

    def read_statement(self):
        text = self.whole_file("statement", "statement.txt", 1 << 16)
        if text is None:
            return
        try:
            lines = self.key.read(text)
            if len(lines) != 3 + len(FILES):
                raise Wrong("行数不对", "there are too few or too many lines")
            origin = lines[0]
            found = ORIGIN.fullmatch(origin[: -len("/statement")])
            if (
                not origin.endswith("/statement")
                or not found
                or not origin.startswith(self.key.name + "/vote/")
            ):
                raise Wrong("第一行不是本站的投票", "the first line names no poll of this key")
            size, root = number_of(lines[1]), unbase64(lines[2], 32)
            for name, line in zip(FILES, lines[3:]):
                if not re.fullmatch(re.escape(name) + " [0-9a-f]{64}", line):
                    raise Wrong("文件清单不对", "the list of files is not right")
                self.declared[name] = line.split(" ")[1]
            self.origin, self.size, self.root = origin[: -len("/statement")], size, root
        except Wrong as wrong:
            self.bad("statement", "statement.txt", 0, *wrong.args)

    def read_tally(self):
        text = self.whole_file("tally_form", "tally.json", 1 << 26)
        if text is None:
            return
        try:
            if not text.endswith("\n"):
                raise Wrong("末尾没有换行", "no line feed at the end")
            found = canonical(text[:-1])
            fields(found, TALLY)
            numbers = []
            for each in found["candidates"]:
                fields(each, CANDIDATE)
                numbers.append(each["number"])
            if numbers != sorted(set(numbers)) or 0 in numbers:
                raise Wrong("候选编号没有由小到大排列，或有重复", "the candidates' numbers do not ascend")
            if not moment(found["opens"]) < moment(found["closes"]):
                raise Wrong("截止不在开始之后", "it closes before it opens")
            if not 1 <= found["min_picks"] <= found["max_picks"] <= len(numbers):
                raise Wrong("可选家数的规则不成立", "the numbers of picks allowed cannot be")
            if not ORIGIN.fullmatch(found["origin"]):
                raise Wrong("“origin” 的内容不对", "“origin” is not what it should be")
            self.tally = found
            if self.origin and found["origin"] != self.origin:
                raise Wrong("与签名声明不是同一次投票", "it is of another poll than the statement")
        except Wrong as wrong:
            self.bad("tally_form", "tally.json", 1, *wrong.args)

    def read_cases(self):
        """A byte a ballot: 0 counts, else the grounds it is set aside by; None where there is no file."""
        try:
            most = (self.folder / "ballots.txt").stat().st_size // 100 + 1
            file = (self.folder / "cases.jsonl").open("rb")
        except OSError:
            if not (self.folder / "cases.jsonl").exists():
                self.bad("cases_form", "cases.jsonl", 0, "没有这个文件", "the file is missing")
            return None
        size = most if self.size is None else min(self.size, most)
        aside, digest, act, cases = bytearray(size), hashlib.sha256(), 0, set()
        with file:
            for place, line in enumerate(file, 1):
                digest.update(line)
                act += 1
                try:
                    text = line.decode()
                    if not text.endswith("\n"):
                        raise Wrong("行末没有换行", "no line feed at the end")
                    found = canonical(text[:-1])
                    fields(found, ACT)
                    if moment(found["proposed_at"]) > moment(found["decided_at"]):
                        raise Wrong("提出晚于决定", "it was decided before it was proposed")
                    if any(a >= b for a, b in zip(found["entries"], found["entries"][1:])):
                        raise Wrong("序号没有由小到大排列", "the entries do not ascend")
                except UnicodeDecodeError:
                    self.bad("cases_form", "cases.jsonl", place, "不是 UTF-8 文字", "this is no UTF-8 text")
                    continue
                except Wrong as wrong:
                    self.bad("cases_form", "cases.jsonl", place, *wrong.args)
                    continue
                if found["act"] != act:
                    self.bad("acts", "cases.jsonl", place, "编号不连续", "the numbers of the acts have a gap")
                    act = found["act"]
                if found["case"] in cases:
                    self.bad("acts", "cases.jsonl", place, "案号重复", "a case twice")
                if found["case"]:
                    cases.add(found["case"])
                self.perform(found, aside, place)
        self.digests["cases.jsonl"] = digest.hexdigest()
        return aside

    def perform(self, act, aside, line):
        mark = 1 + GROUNDS.index(act["grounds"]) if act["kind"] == "set_aside" else 0
        for entry in act["entries"]:
            if entry >= len(aside):
                zh, en = "公开记录中没有第 %d 张" % (entry + 1), "there is no ballot %d" % (entry + 1)
            elif mark and aside[entry]:
                zh, en = "第 %d 张已经隔离" % (entry + 1), "ballot %d is set aside already" % (entry + 1)
            elif not mark and not aside[entry]:
                zh, en = (
                    "第 %d 张没有隔离，不能恢复" % (entry + 1),
                    "ballot %d was not set aside" % (entry + 1),
                )
            else:
                aside[entry] = mark
                continue
            self.bad("acts", "cases.jsonl", line, zh, en)

    def read_notes(self):
        """The checkpoints in order: (line, size, body, signature, root); faults are told on the way."""
        try:
            file = (self.folder / "checkpoints.txt").open("rb")
        except OSError:
            self.bad("checkpoints", "checkpoints.txt", 0, "没有这个文件", "the file is missing")
            return
        digest, place, last = hashlib.sha256(), 1, None
        with file:
            for note in notes_in(file, digest):
                try:
                    if place > 1 and note[:1] != b"\n":
                        raise Wrong(
                            "两个检查点之间应有一个空行", "an empty line belongs between two checkpoints"
                        )
                    text = (note[1:] if place > 1 else note).decode()
                    body, signature = self.key.opened(text)
                    lines = body[:-1].split("\n")
                    if len(lines) != 3 or (self.origin and lines[0] != self.origin):
                        raise Wrong("不是这次投票的检查点", "no checkpoint of this poll")
                    size, root = number_of(lines[1]), unbase64(lines[2], 32)
                    if last is not None and size <= last:
                        raise Wrong("没有由小到大排列，或有重复", "the sizes do not ascend")
                    last = size
                    yield place, size, body.encode(), signature, root
                except UnicodeDecodeError:
                    self.bad(
                        "checkpoints", "checkpoints.txt", place, "不是 UTF-8 文字", "this is no UTF-8 text"
                    )
                except Wrong as wrong:
                    self.bad("checkpoints", "checkpoints.txt", place, *wrong.args)
                place += note.count(b"\n")
        self.digests["checkpoints.txt"] = digest.hexdigest()
        if last is None and not self.size and self.size is not None:
            return
        if last is None or (self.size is not None and last != self.size):
            self.bad(
                "checkpoints",
                "checkpoints.txt",
                place,
                "最后一个检查点不是全部选票",
                "the last checkpoint is not of all ballots",
            )

    def read_ballots(self, aside, buckets):
        """The one pass; {0 or grounds: counts} in the end."""
        poll = (self.origin or (self.tally or {}).get("origin") or "/0").rpartition("/")[2].encode()
        plan = {
            "rules": Rules(poll, self.tally),
            "public": self.key.public,
            "buckets": buckets,
            "record": self.told.get("record"),
        }
        if not self.tally:
            self.undone.update(("lines", "tally"))
        if self.root is None:
            self.undone.add("root")
        total = {0: Counter()}
        state = {"stack": [], "size": 0, "total": total}
        notes = self.read_notes()
        try:
            path = self.folder / "ballots.txt"
            length, file = path.stat().st_size, path.open("rb")
        except OSError:
            for check in ("lines", "records"):
                self.bad(check, "ballots.txt", 0, "没有这个文件", "the file is missing")
            self.undone.update(("root", "checkpoints", "acts", "tally", "receipt_line"))
            deque(notes, 0)
            return None
        many = self.processes > 1 and length > SMALL
        pool = Pool(self.processes, prepare, (plan,)) if many else Alone(plan)
        digest, first, done, waiting = hashlib.sha256(), 0, 0, deque()
        ahead = next(notes, None)
        with file:
            try:
                while True:
                    lines = list(itertools.islice(file, CHUNK))
                    if not lines:
                        break
                    data = b"".join(lines)
                    digest.update(data)
                    done += len(data)
                    mine, roots = [], {}
                    while ahead and ahead[1] <= first + len(lines):
                        mine.append((ahead[0], ahead[1], *ahead[2:4]))
                        roots[ahead[0]] = ahead[4]
                        ahead = next(notes, None)
                    marks = bytes(aside[first : first + len(lines)]) if aside else b""
                    marks = marks.ljust(len(lines), b"\0") if marks.strip(b"\0") else None
                    waiting.append((pool.apply_async(work, (first, data, marks, mine)), roots))
                    first += len(lines)
                    if len(waiting) > 2 * self.processes or not many:
                        self.take(*waiting.popleft(), state)
                    self.progress(done, length)
                while waiting:
                    self.take(*waiting.popleft(), state)
                pool.close()
            finally:
                pool.terminate()
        self.digests["ballots.txt"] = digest.hexdigest()
        while ahead:
            self.after_the_end(ahead, state)
            ahead = next(notes, None)
        if self.size is not None and state["size"] != self.size:
            zh, en = "共 %d 张，签名声明是 %d 张", "%d ballots, the statement says %d"
            counts = state["size"], self.size
            self.bad("root", "ballots.txt", state["size"], zh % counts, en % counts)
        elif self.root is not None and folded(state["stack"]) != self.root:
            zh, en = "全部选票的树根与签名声明不符", "the root of all ballots is not the statement's"
            self.bad("root", "ballots.txt", 0, zh, en)
        if self.told.get("record"):
            self.receipt_line(aside)
        return total

    def take(self, answer, roots, state):
        """The answer of a chunk, in order."""
        found = answer.get()
        for at, size, fits, more in found["notes"]:
            if not fits:
                self.bad(
                    "checkpoints",
                    "checkpoints.txt",
                    at,
                    "签名与文字不符",
                    "the signature does not fit the text",
                )
            if folded(joined(state["stack"], more)) != roots[at]:
                zh, en = "前 %d 张的树根不符" % size, "the root of the first %d ballots differs" % size
                self.bad("checkpoints", "checkpoints.txt", at, zh, en)
        state["stack"] = joined(state["stack"], found["stack"])
        state["size"] += found["size"]
        for mark, counts in found["picked"].items():
            state["total"].setdefault(mark, Counter()).update(counts)
        number, faults = found["faults"]
        for fault in faults:
            self.bad("lines", "ballots.txt", *fault)
        self.number["lines"] += number - len(faults)
        if found["found"] and "found" not in self.told:
            self.told["found"] = found["found"]

    def after_the_end(self, note, state):
        at, size, body, signature, root = note
        if not signed(self.key.public, signature, body):
            self.bad(
                "checkpoints", "checkpoints.txt", at, "签名与文字不符", "the signature does not fit the text"
            )
        if size > state["size"]:
            zh, en = "比选票文件多：%d 张" % size, "more than the file has: %d ballots" % size
            self.bad("checkpoints", "checkpoints.txt", at, zh, en)
        elif folded(state["stack"]) != root:
            zh, en = "前 %d 张的树根不符" % size, "the root of the first %d ballots differs" % size
            self.bad("checkpoints", "checkpoints.txt", at, zh, en)

    def once(self, buckets):
        twice = set()
        if isinstance(buckets, list):
            twice.update(each for each, times in Counter(buckets).items() if times > 1)
        else:
            paths = sorted(Path(buckets).iterdir())
            for _prefix, group in itertools.groupby(paths, lambda path: path.name[:2]):
                raw = b"".join(path.read_bytes() for path in group)
                records = [raw[at : at + 16] for at in range(0, len(raw), 16)]
                if len(set(records)) != len(records):
                    counts = Counter(records)
                    twice.update(each.hex().encode() for each in counts if counts[each] > 1)
        if twice:
            self.where_twice(twice)

    def where_twice(self, twice):
        """A second look at the file, only where something is wrong."""
        first = {}
        with (self.folder / "ballots.txt").open("rb") as file:
            for place, line in enumerate(file, 1):
                for record in line[:80].split(b" ")[2:3]:
                    if record in first:
                        zh, en = "与第 %d 行的编号相同", "the same record as in line %d"
                        self.bad("records", "ballots.txt", place, zh % first[record], en % first[record])
                    elif record in twice:
                        first[record] = place

    def compare_digests(self):
        if not self.declared:
            self.undone.add("digests")
        for name in FILES:
            if name not in self.digests:
                self.bad("digests", name, 0, "没有这个文件", "the file is missing")
            elif self.declared and self.digests[name] != self.declared[name]:
                zh, en = "SHA-256 与签名声明不符", "the SHA-256 is not the statement's"
                self.bad("digests", name, 0, zh, en)

    def recount(self, total):
        if total is None or not self.tally:
            return
        aside = {GROUNDS[mark - 1]: counts for mark, counts in total.items() if mark}
        set_aside = sum(counts["ballots"] for counts in aside.values())
        valid = total[0]["ballots"]

        def same(zh, en, said, found):
            if said != found:
                both = {"said": said, "found": found}
                self.bad(
                    "tally",
                    "tally.json",
                    1,
                    zh + "：公布 %(said)s，重计 %(found)s" % both,
                    en + ": published %(said)s, recounted %(found)s" % both,
                )

        same("收到", "cast", self.tally["cast"], valid + set_aside)
        same("隔离", "set aside", self.tally["set_aside"], set_aside)
        same("有效", "valid", self.tally["valid"], valid)
        same(
            "隔离类别",
            "grounds",
            self.tally["grounds"],
            {each: aside[each]["ballots"] for each in sorted(aside)},
        )
        for each in self.tally["candidates"]:
            number = each["number"]
            zh, en = "%d 号" % number, "number %d" % number
            same(zh + "有效票", en + " picks", each["picks"], total[0][number])
            found = {one: aside[one][number] for one in sorted(aside) if aside[one][number]}
            same(zh + "隔离票", en + " set aside", each["set_aside"], found)
        self.told["counts"] = valid + set_aside, set_aside, valid

    # --- a receipt

    def read_receipt(self):
        given = self.receipt
        try:
            if not isinstance(given, dict) or not isinstance(given.get("note"), str):
                raise Wrong("不是一份回执", "this is no receipt")
            lines = self.key.read(given["note"])
            origin = lines[0][: -len("/receipt")]
            if len(lines) != 4 or not lines[0].endswith("/receipt") or not ORIGIN.fullmatch(origin):
                raise Wrong("不是一份回执", "this is no receipt")
            if self.origin and origin != self.origin:
                raise Wrong("是另一次投票的回执", "it is a receipt of another poll")
            self.told.update(code=lines[1], leaf=unbase64(lines[2], 32), time=lines[3].encode())
            if given.get("code", lines[1]) != lines[1]:
                raise Wrong("回执码与签名的不同", "the code is not the one that was signed")
        except Wrong as wrong:
            self.bad("receipt_signature", "receipt", 0, *wrong.args)
        try:
            ballot, nonce = UUID(str(given["ballot"])), bytes.fromhex(str(given["nonce"]))
            if len(nonce) != 16:
                raise ValueError(nonce)
            record = hashlib.sha256(b"xuanshu record 1" + ballot.bytes + nonce).digest()[:16].hex()
        except (ValueError, KeyError, TypeError, AttributeError):
            zh, en = (
                "回执中没有选票号和随机数，不能核对是否是您的",
                "the receipt has no ballot number and nonce",
            )
            self.bad("receipt_bound", "receipt", 0, zh, en)
            self.undone.add("receipt_line")
            return
        if given.get("record", record) != record:
            zh, en = "选票号和随机数得不出回执上的编号", "ballot and nonce do not make the record"
            self.bad("receipt_bound", "receipt", 0, zh, en)
        self.told["record"] = record.encode()

    def receipt_line(self, aside):
        if "found" not in self.told:
            zh, en = "公开记录中没有这张选票", "the record has no such ballot"
            self.bad("receipt_line", "ballots.txt", 0, zh, en)
            return
        place, line = self.told["found"]
        fields = LINE.fullmatch(line + b"\n")
        if "leaf" in self.told and hashlib.sha256(b"\0" + line).digest() != self.told["leaf"]:
            zh, en = "这一行不是回执上承诺的那一行", "the line is not the one the receipt promised"
            self.bad("receipt_line", "ballots.txt", place + 1, zh, en)
        elif fields and "time" in self.told and fields.group(4) != self.told["time"]:
            zh, en = "时间与回执不符", "the time is not the receipt's"
            self.bad("receipt_line", "ballots.txt", place + 1, zh, en)
        if fields:
            picks = [int(each) for each in fields.group(3).split(b",")]
            if self.receipt.get("picks", picks) != picks:
                zh, en = "所选与回执不符", "the picks are not the receipt's"
                self.bad("receipt_line", "ballots.txt", place + 1, zh, en)
            self.told["picks"] = picks
        mark = aside[place] if aside and place < len(aside) else 0
        self.told["grounds"] = GROUNDS[mark - 1] if mark else ""


def notes_in(file, digest):
    """The notes of a file one after the other: up to and with the signature line, as bytes."""
    note, lines = b"", 0
    for line in file:
        digest.update(line)
        note += line
        lines += 1
        if line.startswith("\N{EM DASH} ".encode()) or lines > 16:
            yield note
            note, lines = b"", 0
    if note:
        yield note


def report(check, tongue):
    """The lines of the answer; `tongue` 0 is Chinese, 1 English."""

    def said(*words):
        return words[tongue]

    yield (check.origin or "?") + (("  " + check.tally["title"]) if check.tally else "")
    marks = said(("[通过]  ", "[不通过]", "[未查]  "), ("[ok]      ", "[NOT OK]  ", "[not done]"))
    for each in check.checks:
        mark = marks[1 if each in check.faults else 2 if each in check.undone else 0]
        yield "%s %s" % (mark, said(*NAMES[each]))
        for file, line, *words in check.faults.get(each, ()):
            where = said(" 第 %d 行", " line %d") % line if line else ""
            yield "    %s%s%s%s" % (file, where, said("：", ": "), said(*words))
        more = check.number[each] - len(check.faults.get(each, ()))
        if more > 0:
            yield said("    还有 %d 处", "    and %d more") % more
    if "counts" in check.told:
        counts = said("收到 %d 张，隔离 %d 张，有效 %d 张", "%d cast, %d set aside, %d valid")
        yield counts % check.told["counts"]
    if "picks" in check.told:
        place, _line = check.told["found"]
        picks = said("、", ", ").join(map(str, check.told["picks"]))
        where = said("您的选票在第 %d 行，所选编号 %s", "Your ballot is line %d, picks %s")
        yield where % (place + 1, picks)
        if check.told["grounds"]:
            why = said("没有计入，已隔离：%s", "It does not count, it was set aside: %s")
            yield why % said(*GROUNDS_NAMES[check.told["grounds"]])
        else:
            yield said("已计入结果", "It counts")


def main(argv=None):
    parser = argparse.ArgumentParser(description="查验投票的公开记录 / Check the public record of a poll")
    parser.add_argument("folder")
    parser.add_argument("--key", help="公告上的公钥 / the key printed in the notice: NAME+HASH+KEY")
    parser.add_argument("--receipt", help="回执文件 / a receipt file (JSON)")
    parser.add_argument("--english", action="store_true")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quiet", action="store_true", help="不显示进度 / no progress")
    given = parser.parse_args(argv)
    tongue = int(given.english)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")

    def say(line, stream=sys.stdout):
        stream.write(line + "\n")

    def progress(done, length):
        if not given.quiet and sys.stderr.isatty():
            sys.stderr.write("\r%3d %%" % (100 * done // max(length, 1)))
            sys.stderr.write("\n" if done >= length else "")

    folder = Path(given.folder)
    try:
        if not folder.is_dir():
            raise Wrong("没有这个文件夹：%s" % folder, "there is no such folder: %s" % folder)
        path = folder / "key.txt"
        if given.key is None and not path.is_file():
            raise Wrong("请用 --key 给出公告上的公钥", "please give the key of the notice with --key")
        key = Key(path.read_text("utf-8") if given.key is None else given.key)
        receipt = None
        if given.receipt:
            receipt = json.loads(Path(given.receipt).read_text("utf-8"))
        check = Check(folder, key, receipt, max(1, given.processes), progress).run()
    except Wrong as wrong:
        say(wrong.args[tongue], sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        say(("读不了：%s", "cannot be read: %s")[tongue] % error, sys.stderr)
        return 2
    for line in report(check, tongue):
        say(line)
    if given.key is None:
        say(
            (
                "注意：没有用 --key 给出公钥，用的是文件夹里的 key.txt。换掉记录的人也能换掉它。"
                "请与正式公告上的公钥核对：%s",
                "WARNING: no --key was given; the key in the folder (key.txt) was used. Whoever changed the "
                "record can change it too. Compare it with the one in the official notice: %s",
            )[tongue]
            % path.read_text("utf-8").strip()
        )
    say((("有不符之处", "SOMETHING IS WRONG"), ("全部通过", "Everything is in order"))[check.good][tongue])
    return 0 if check.good else 1


if __name__ == "__main__":
    sys.exit(main())
