"""What the box says to PostgreSQL; the statements decide, whatever a process believes of the poll."""

from voting.services.casting import COLUMNS

_CASTS = {
    "id": "::uuid",
    "turn": "::date",
    "picks": "::smallint[]",
    "record": "::uuid",
    "dwell": "::smallint",
}

#: One ballot of a batch, by the names of `casting.values`.
ROW = f"({', '.join(f'%({name})s' for name in COLUMNS)})"

# The share of the poll's row makes closing wait for these ballots, and these ballots see that it was closed.
INSERT = f"""
    INSERT INTO voting_ballot ({", ".join(COLUMNS)})
    SELECT {", ".join(f"ballot.{name}{_CASTS.get(name, '')}" for name in COLUMNS)}
    FROM (VALUES %s) AS ballot ({", ".join(COLUMNS)})
    JOIN voting_poll poll ON poll.id = ballot.poll_id
    WHERE poll.opened_at IS NOT NULL AND poll.closed_at IS NULL AND poll.paused_at IS NULL
      AND poll.opens <= ballot.cast_at AND ballot.cast_at < poll.closes
    FOR KEY SHARE OF poll
    ON CONFLICT DO NOTHING
    RETURNING id
"""

_BALLOT = "SELECT id, poll_id, voter, turn, picks, cast_at, record, commitment FROM voting_ballot"
BY_ID = f"{_BALLOT} WHERE id = ANY(%s::uuid[])"
BY_TURN = f"{_BALLOT} WHERE (poll_id, voter, turn) IN %s"

#: What the box knows of every poll anybody may walk into; a city has a few a year.
POLLS = """
    SELECT poll.id, poll.opens, poll.closes, poll.opened_at, poll.closed_at, poll.paused_at, poll.key_id,
           poll.secret_destroyed_at, poll.effort, edition.id, edition.min_picks, edition.max_picks,
           edition.ballots_per,
           ARRAY(SELECT candidate.number FROM voting_candidate candidate
                 JOIN nominations_nomination nomination ON nomination.id = candidate.nomination_id
                 WHERE candidate.poll_id = poll.id AND nomination.state <> %s)
    FROM voting_poll poll JOIN nominations_edition edition ON edition.id = poll.edition_id
    WHERE poll.opened_at IS NOT NULL AND edition.published
"""
