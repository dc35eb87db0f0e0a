"""The record of a poll against the ballots, from the beginning: every line, tile, signature, act and figure.

It believes nothing that was computed before. Memory stays flat: a byte a ballot, and a few thousand rows.
"""

import base64
import hashlib
from collections import Counter
from contextlib import closing

from django.db import connection, transaction

from nominations.subjects import full_name
from portal.sentences import Sentence, sentence
from voting.models import Case, Checkpoint, Entry, Poll, Publication, Quarantine, Result, Waiting
from voting.rules import entries, notes, tiles, tree
from voting.services import publishing
from voting.services.casting import terms_of
from voting.services.keys import Destroyed, origin, poll_secret, signer
from voting.services.sequencing import tiles_at

#: How many differences of one kind are told; one is enough to know.
TOLD = 5
GROUNDS = Case.Grounds.values
WHOLE = tiles.WIDTH * tree.SIZE


def differences(poll: Poll) -> list[Sentence]:
    """Where the record of a poll is not what its ballots, keys and acts make of it; nothing: all is equal."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:  # of one moment, however long it takes
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        poll = Poll.objects.select_related("edition").get(pk=poll.pk)
        check = _Check(poll)
        check.completeness()
        check.acts()
        check.log()
        check.result()
        check.publication()
        return check.found


class _Check:
    def __init__(self, poll):
        self.poll, self.found, self._times = poll, [], Counter()
        self.entries = Entry.objects.filter(poll=poll)
        self.size = self.entries.count()
        self.aside = bytearray(self.size)  # 0 counts, else the grounds it is set aside on, from 1
        self.picks, self.ballots = Counter(), Counter()
        self.lines, self.root = hashlib.sha256(), tree.EMPTY

    def tell(self, message, **params):
        self._times[message] += 1
        if self._times[message] <= TOLD:
            self.found.append(sentence(message, **params))

    def completeness(self):
        cast = self.poll.ballots.count()
        waiting = Waiting.objects.filter(poll_id=self.poll.pk).count()
        if self.size + waiting != cast:
            self.tell(
                "选票 {cast} 张，公开记录中 {logged} 条，待入册 {waiting} 张，数目不符。",
                cast=cast,
                logged=self.size,
                waiting=waiting,
            )
        if waiting and self.poll.closed_at:
            self.tell("投票已经计票，还有 {waiting} 张选票没有入册。", waiting=waiting)

    def acts(self):
        """Every act by an approved case of two people, on ballots that it may touch."""
        acts = Quarantine.objects.filter(poll=self.poll).select_related(
            "case__proposed_by", "case__decided_by"
        )
        for number, act in enumerate(acts.order_by("pk"), start=1):
            places = self.entries.filter(ballot__quarantines=act).order_by("index")
            places = list(places.values_list("index", flat=True))
            # While the poll runs the newest ballots may wait for their places.
            if self.poll.closed_at and len(places) != act.ballots.count():
                self.tell("第 {number} 次处置有不在公开记录中的选票。", number=number)
            mark = 0
            if act.kind == Quarantine.Kind.SET_ASIDE:
                mark = 1 + GROUNDS.index(act.case.grounds if act.case else Case.Grounds.OTHER)
            for place in places:
                if place < self.size and bool(self.aside[place]) == bool(mark):
                    self.tell(
                        "第 {number} 次处置重复隔离或恢复了序号 {place} 的选票。", number=number, place=place
                    )
                self.aside[place : place + 1] = bytes([mark])
            self._case(number, act)

    def _case(self, number, act):
        case = act.case
        if case is None:
            return
        if (
            case.decision != Case.Decision.APPROVED
            or case.decided_by is None
            or case.decided_by.user_id == case.proposed_by.user_id
            or act.ballots.exclude(pk__in=case.ballots.values("pk")).exists()
        ):
            self.tell(
                "第 {number} 次处置与第 {case} 号案不符：须由另一人同意，且只能是该案所列的选票。",
                number=number,
                case=case.number,
            )

    def log(self):
        """Every entry, leaf, tile and checkpoint, in one walk."""
        edge, growing, kept = tree.Edge(), tiles.Growing(), {}
        signed = Checkpoint.objects.filter(poll=self.poll).order_by("size")
        last = None
        with closing(signed.iterator(chunk_size=publishing.ROWS)) as marks, closing(self._rows()) as rows:
            mark = next(marks, None)
            while mark and mark.size == 0:
                last = self._signed(mark, edge)
                mark = next(marks, None)
            for place, line in enumerate(rows):
                self.lines.update(f"{line}\n".encode())
                leaf = entries.leaf(line)
                edge.append(leaf)
                growing.append(leaf)
                if mark and mark.size == edge.size:
                    last = self._signed(mark, edge)
                    mark = next(marks, None)
                if place % publishing.ROWS == publishing.ROWS - 1:
                    kept |= growing.changed()
                    kept = self._tiles(kept)
        self._tiles(kept | growing.changed(), whole=False)
        self.root = edge.root()
        if mark:
            self.tell("检查点有 {size} 张，公开记录只有 {logged} 条。", size=mark.size, logged=edge.size)
        elif edge.size and (last is None or last.size != edge.size):
            self.tell(
                "公开记录的最后 {size} 条没有签名的检查点。", size=edge.size - (last.size if last else 0)
            )

    def _rows(self):
        """The lines, each ballot judged on the way."""
        try:
            secret = poll_secret(self.poll)
        except Destroyed:  # whose ballot it is can no longer be derived
            secret = None
        terms = terms_of(self.poll)
        numbers = set(self.poll.candidates.values_list("number", flat=True))
        rows = self.entries.order_by("index").select_related("ballot")
        with closing(rows.iterator(chunk_size=publishing.ROWS)) as found:
            for place, row in enumerate(found):
                ballot = row.ballot
                if row.index != place:
                    self.tell(
                        "公开记录的序号 {place} 处是 {index}，序号不连续。", place=place, index=row.index
                    )
                if row.record != ballot.record:
                    self.tell("序号 {place} 的记录号与选票不符。", place=place)
                if terms.verdict(ballot.picks, ballot.cast_at, numbers):
                    self.tell("序号 {place} 的选票不符合投票规则。", place=place)
                if secret is not None:
                    nonce = entries.nonce(secret, ballot.pk)
                    if ballot.record != entries.record(ballot.pk, nonce) or bytes(
                        ballot.commitment
                    ) != entries.commitment(nonce, ballot.voter):
                        self.tell("序号 {place} 的选票与投票人标识不符。", place=place)
                mark = self.aside[place] if place < self.size else 0
                self.ballots[mark] += 1
                for number in ballot.picks:
                    self.picks[mark, number] += 1
                yield entries.line(
                    self.poll.pk, ballot.record, ballot.picks, ballot.cast_at, ballot.commitment
                )

    def _signed(self, mark, edge):
        root = base64.b64encode(edge.root()).decode()
        try:
            body = notes.opened(mark.note, signer().verifier)
        except ValueError:
            self.tell("{size} 张处的检查点签名不对。", size=mark.size)
        else:
            if body != f"{origin(self.poll.pk)}\n{mark.size}\n{root}\n" or bytes(mark.root) != edge.root():
                self.tell("{size} 张处的检查点与选票不符。", size=mark.size)
        return mark

    def _tiles(self, kept, *, whole=True):
        """Compare what cannot change any more (at the end everything); what may still grow."""
        ready = {place: hashes for place, hashes in kept.items() if not whole or len(hashes) == WHOLE}
        held = tiles_at(self.poll.pk, ready) if ready else {}
        for level, index in sorted(place for place in ready if held.get(place) != ready[place]):
            self.tell("第 {level} 层第 {index} 块与选票不符。", level=level, index=index)
        return {place: hashes for place, hashes in kept.items() if place not in ready}

    def result(self):
        """The frozen figures, out of the lines and the acts."""
        result = Result.objects.filter(edition=self.poll.edition_id).first()
        if result is None or not self.poll.closed_at:
            return
        aside = sum(number for mark, number in self.ballots.items() if mark)
        log = {"size": self.size, "root": self.root.hex()}
        grounds = {GROUNDS[mark - 1]: number for mark, number in self.ballots.items() if mark}
        figures = [
            ("收到选票", result.cast, self.size),
            ("隔离选票", result.set_aside, aside),
            ("公开记录的树根", result.inputs.get("log"), log),
            ("隔离类别", result.inputs.get("grounds"), grounds),
        ]
        for each in self.poll.candidates.select_related("nomination__vote_row", "nomination__enterprise"):
            key, name = each.nomination.subject_key, full_name(each.nomination)
            found = {
                GROUNDS[mark - 1]: self.picks[mark, each.number]
                for mark in self.ballots
                if mark and self.picks[mark, each.number]
            }
            figures.append((name, result.inputs["picks"].get(key), self.picks[0, each.number]))
            figures.append((name, result.inputs.get("aside", {}).get(key), found))
            row = getattr(each.nomination, "vote_row", None)
            if row:
                figures.append((name, row.picks, self.picks[0, each.number]))
        for name, frozen, computed in figures:
            if frozen != computed:
                self.tell(
                    "“{name}”：冻结的是 {frozen}，重新计算得 {computed}。",
                    name=name,
                    frozen=str(frozen),
                    computed=str(computed),
                )

    def publication(self):
        """What was published, against what would be published now, and against what lies there."""
        held = Publication.objects.filter(poll=self.poll).first()
        if held is None:
            return
        made = {
            publishing.BALLOTS: self.lines,
            publishing.CHECKPOINTS: _digest(publishing.notes_of(self.poll.pk)),
            publishing.CASES: _digest(map(publishing.canonical, publishing.acts_of(self.poll))),
            publishing.TALLY: _digest([publishing.canonical(publishing.tally_of(self.poll))]),
            publishing.STATEMENT: _digest([held.statement]),
        }
        for name, digest in made.items():
            if held.files[name]["sha256"] != digest.hexdigest():
                self.tell("已发布的 {name} 与重新生成的不符。", name=name)
        if publishing.statement_of(self.poll, self.size, self.root, held.files) != held.statement:
            self.tell("签名声明与已发布的文件不符。")
        for name, said in held.files.items():
            path = publishing.folder_of(self.poll.pk) / name
            if not path.is_file():
                self.tell("已发布的 {name} 不在公开文件夹中。", name=name)
                continue
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != said["sha256"]:
                    self.tell("公开文件夹中的 {name} 不是所发布的。", name=name)


def _digest(texts):
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
    return digest
