"""What must always hold of a counted poll."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from portal.invariants import Checks
from voting.models import Checkpoint, Poll, Result
from voting.services.counting import digest, figures, tally

CHECKS = Checks()


@CHECKS.named(_("投票结果与冻结的计票摘要一致"))
def vote_result_is_as_digested() -> Iterator[str]:
    for result in Result.objects.select_related("edition").prefetch_related("rows__nomination"):
        told = result.inputs
        if digest(told) != result.digest or (told.get("cast"), told.get("set_aside")) != (
            result.cast,
            result.set_aside,
        ):
            yield str(result)
        for row in result.rows.all():
            if told.get("picks", {}).get(row.nomination.subject_key) != row.picks:
                yield f"{result.edition}: {row.nomination}"


@CHECKS.named(_("收到的选票等于有效票加隔离票，与冻结的结果一致"))
def counted_ballots_add_up() -> Iterator[str]:
    for poll in Poll.objects.filter(edition__vote_result__isnull=False).select_related(
        "edition__vote_result"
    ):
        result, now = poll.edition.vote_result, figures(poll)
        if (now.cast, now.set_aside) != (result.cast, result.set_aside):
            yield f"{poll.edition}: {now.cast}/{now.set_aside}, {result.cast}/{result.set_aside}"
            continue
        picks, told = tally(poll), result.inputs.get("picks", {})
        for number, key in poll.candidates.values_list("number", "nomination__subject_key"):
            if picks[number] != told.get(key, 0):
                yield f"{poll.edition}: {number}"


@CHECKS.named(_("公开记录的根值与计票时一致"))
def log_root_is_as_frozen() -> Iterator[str]:
    roots = {
        (poll, size): bytes(root).hex()
        for poll, size, root in Checkpoint.objects.values_list("poll__edition", "size", "root")
    }
    for result in Result.objects.select_related("edition"):
        log = result.inputs.get("log")
        if log and roots.get((result.edition_id, log["size"])) != log["root"]:
            yield str(result.edition)
