"""A counted poll, counted again as if one case had been decided the other way. Reads only."""

from django.db import connection

from portal.errors import Refused
from voting.models import Case, Poll, Quarantine
from voting.services.counting import tally

# As in the count: the newest act on a ballot decides. One act is left out, or one is put in at the place its
# case was decided: after every act that was there then, before every later one.
RECOUNT = """
    SELECT pick, count(*) FROM voting_ballot ballot, unnest(ballot.picks) pick
    WHERE ballot.poll_id = %(poll)s AND NOT EXISTS (
        SELECT 1 FROM (
            SELECT DISTINCT ON (ballot_id) ballot_id, kind FROM (
                SELECT link.ballot_id, act.kind, act.id AS place, 0 AS after
                FROM voting_quarantine act
                JOIN voting_quarantine_ballots link ON link.quarantine_id = act.id
                WHERE act.poll_id = %(poll)s AND act.case_id IS DISTINCT FROM %(without)s
                UNION ALL
                SELECT link.ballot_id, %(kind)s, %(place)s, 1
                FROM voting_case_ballots link WHERE link.case_id = %(supposed)s
            ) acts ORDER BY ballot_id, place DESC, after DESC
        ) newest WHERE newest.ballot_id = ballot.id AND newest.kind = 'set_aside'
    ) GROUP BY pick
"""


def picks_without(poll: Poll, case: Case) -> dict[int, int]:
    """Picks by candidate's number, had this approved case never been approved."""
    _refuse(poll, case, Case.Decision.APPROVED)
    return _recount(poll, without=case.pk, supposed=None, kind="", place=0)


def picks_with(poll: Poll, case: Case) -> dict[int, int]:
    """Picks by candidate's number, had this declined case been approved when it was decided."""
    _refuse(poll, case, Case.Decision.DECLINED)
    before = Quarantine.objects.filter(poll=poll, done_at__lte=case.decided_at).order_by("-pk").first()
    return _recount(poll, without=None, supposed=case.pk, kind=case.kind, place=before.pk if before else 0)


def cases_of(poll: Poll) -> tuple[list[Case], list[Case]]:
    """The approved and the declined cases of a poll, by number."""
    decided = Case.objects.filter(poll=poll).exclude(decision="").order_by("number")
    approved = [case for case in decided if case.decision == Case.Decision.APPROVED]
    return approved, [case for case in decided if case.decision == Case.Decision.DECLINED]


def recounted(poll: Poll) -> dict[int, int]:
    """Picks by candidate's number as the ballots and all acts on them say: what the count must have said."""
    _refuse_open(poll)
    return tally(poll)


def _refuse_open(poll):
    # Before the count a recount would show what is hidden.
    if poll.closed_at is None:
        raise Refused("投票还没有计票，计票后才能试算。")


def _refuse(poll, case, decision):
    _refuse_open(poll)
    if case.poll_id != poll.pk or case.decision != decision:
        raise Refused("第 {number} 号案不是本次投票中可以这样试算的案，请重新选择。", number=case.number)


def _recount(poll, **values):
    picks = dict.fromkeys(poll.candidates.values_list("number", flat=True), 0)
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, {"poll": poll.pk, **values})
        return picks | dict(cursor.fetchall())
