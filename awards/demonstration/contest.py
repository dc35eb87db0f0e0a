"""The two judgements of an edition: the panel's sheets, and the public's ballots."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from django.utils import timezone

from awards.demonstration import criteria, panels, papers, signals
from awards.demonstration.course import Course
from nominations.models import Edition
from portal.models import Membership
from review.models import Assignment, Recusal
from review.rules import remark_asked
from review.services import (
    Seat,
    assign_all,
    close_review,
    declare_clear,
    recuse,
    save_sheet,
    seat_panel,
    submit_sheet,
)
from review.services.assigning import top_up
from voting.models import Ballot, Case, Poll, Quarantine
from voting.services.casting import cast
from voting.services.keys import address_keys, voter_key
from voting.services.pictures import set_picture
from voting.services.polls import close_poll, open_poll, set_up_poll
from voting.services.quarantine import decide, propose
from voting.services.selecting import Criteria, matching

REMARKS = (
    "机制健全，职工参与面广，成果有台账可查。",
    "平台载体运行规范，建议进一步扩大一线参与。",
    "创新成效明显，示范作用较强。",
    "制度完备，部分成果转化资料还可充实。",
    "",
)
#: Candidates without a picture: the page shows a plate.
PLAIN = (3, 7, 11, 16)
#: How many vote in each hour of the day, compared with one another.
RHYTHM = (2, 1, 1, 1, 1, 2, 5, 12, 20, 18, 14, 13, 22, 16, 11, 10, 10, 12, 16, 22, 26, 20, 11, 5)


def review(
    course: Course,
    *,
    seated: datetime,
    due: datetime,
    panel: int,
    recusals: tuple[tuple[int, int], ...] = (),
    leave: dict[int, int] | None = None,
    drawn: int = 0,
    closed: datetime | None = None,
) -> None:
    """Seat the first `panel` experts; each declares, recuses where told (expert, nomination), and scores.

    `leave` says how many sheets an expert (by place) leaves undone; the first of those stays a draft.
    `drawn`: the panel is drawn by lot, and so many experts review a nomination; a recusal is topped up.
    """
    if drawn:
        experts = panels.draw(course, size=panel, each=drawn, at=seated)
    else:
        experts = _seat(course, panel, seated)
    for place, hat in enumerate(experts):
        stepped = {nomination for expert, nomination in recusals if expert == place}
        left = (leave or {}).get(place, 0)
        _expert(course, hat, stepped, left, seated, due, unusual=_unusual(course.edition, place))
    if closed:
        close_review(course.edition, by=course.office, now=closed)


def _seat(course: Course, panel: int, seated: datetime) -> list[Membership]:
    """Everybody is on the panel by hand, and reviews everything."""
    experts = course.stage.people.experts[:panel]
    seats = [
        Seat(f"E{number:02d}", hat.user.full_name, hat.user, employer="演示大学创新研究中心")
        for number, hat in enumerate(experts, start=1)
    ]
    seat_panel(course.edition, seats, by=course.office, now=seated)
    assign_all(course.edition, by=course.office, now=seated)
    return experts


def _unusual(edition: Edition, place: int) -> dict[str, Decimal]:
    """What the expert of a place gives the first of its nominations, so that reasons are to be read."""
    if place == 0 and edition.comment_above is not None:
        return {"effect": edition.comment_above + 1}
    if place == 1 and edition.comment_below is not None:
        return {"platform": edition.comment_below - 2}
    return {}


def _expert(course, hat, stepped, left, seated, due, unusual):
    mine = list(
        Assignment.objects.filter(member__user=hat.user, nomination__edition=course.edition)
        .select_related("member", "nomination__edition")
        .order_by("nomination_id")
    )
    moments = course.days.spread(seated, due, len(mine) + 1)
    declared, signature = moments.pop(0), hat.user.full_name
    for place in stepped:
        recuse(mine[place], kind=Recusal.Kind.EMPLOYMENT, signature=signature, by=hat, now=declared)
    if stepped:
        top_up(course.edition, by=Membership.objects.system(), now=declared)
    mine = [each for place, each in enumerate(mine) if place not in stepped]
    known = mine[: len(mine) - max(left - 2, 0)]
    declare_clear(known, signature=signature, by=hat, now=declared)
    done = len(mine) - left
    codes = [each.code for each in course.edition.dimensions.all()]
    bias = course.random.randint(-3, 3)
    for place, (assignment, now) in enumerate(zip(mine, moments, strict=False)):
        if place > done or place >= len(known):
            break
        merit = course.companies[assignment.nomination_id].merit
        points = {code: _points(course.random, merit + bias) for code in codes}
        points |= {} if place else unusual
        sheet = {
            "scores": points,
            "comment": course.random.choice(REMARKS),
            "remarks": _explained(course.edition, points),
            "version": 0,
        }
        if place < done:
            submit_sheet(assignment, **sheet, by=hat, now=now)
        else:
            first = {codes[0]: points[codes[0]]}
            begun = {**sheet, "scores": first, "remarks": _explained(course.edition, first)}
            save_sheet(assignment, **begun, by=hat, now=now)


def _points(random: Random, merit: int) -> Decimal:
    return Decimal(max(100, min(198, 2 * merit + random.randint(-13, 13)))) / 2


def _explained(edition: Edition, points: dict[str, Decimal]) -> dict[str, str]:
    """Why, at each dimension where the edition asks for it."""
    below, above = edition.comment_below, edition.comment_above
    return {
        code: criteria.LOW[code] if below is not None and value < below else criteria.HIGH[code]
        for code, value in points.items()
        if remark_asked(value, below=below, above=above)
    }


def vote(
    course: Course,
    *,
    set_up: datetime,
    opened: datetime,
    opens: datetime,
    closes: datetime,
    ballots: int,
    closes_itself: bool = True,
    burst: tuple[datetime, int] | None = None,
    lately: int = 0,
    area: str = "",
) -> Poll:
    """Open a poll and let people vote until it closes, or until now.

    `burst`: when, and how many, vote from one network; `lately`: how many more in the hour before now.
    """
    poll = set_up_poll(
        course.edition,
        by=course.office,
        now=set_up,
        opens=opens,
        closes=closes,
        closes_itself=closes_itself,
        area=area,
    )
    for each in poll.candidates.exclude(number__in=PLAIN):
        photograph = papers.photograph(Random(each.number), f"No. {each.number}", set_up)
        set_picture(each, photograph, by=course.office, now=set_up)
    open_poll(poll, by=course.office, now=opened)
    poll = Poll.objects.select_related("edition").prefetch_related("candidates__nomination").get(pk=poll.pk)
    random = course.random
    moments = [(at, None) for at in _moments(random, opens, min(closes, course.days.now), ballots)]
    if burst:
        start, count = burst
        moments += [(start + timedelta(seconds=19 * n + random.randint(0, 9)), NETWORK) for n in range(count)]
    if lately:
        hour, now = Random(f"lately {poll.pk}"), course.days.now
        moments += [(now - timedelta(seconds=hour.triangular(5, 3600, 600)), None) for _n in range(lately)]
    fame = {each.number: course.companies[each.nomination_id].fame for each in poll.candidates.all()}
    for number, (now, network) in enumerate(sorted(moments, key=lambda pair: pair[0])):
        _cast(poll, random, fame, number, now, network)
    return poll


NETWORK = "10.77.3"


def _cast(poll, random, fame, number, now, network) -> Ballot:
    edition = poll.edition
    most = random.randint(edition.min_picks, edition.max_picks)
    weight = {each: random.random() ** (1 / value) for each, value in fame.items()}
    picks = sorted(weight, key=weight.get, reverse=True)
    if network:
        # All of them for the same few: what makes a burst worth a look.
        picks, most = sorted(fame), edition.min_picks
    where = network or f"10.{random.randint(1, 60)}.{random.randint(0, 255)}"
    phone = signals.phone(number, burst=network is not None)
    return cast(
        poll,
        ballot_id=UUID(int=random.getrandbits(128), version=4),
        voter=voter_key(poll, phone),
        picks=picks[:most],
        now=now,
        address=f"{where}.{random.randint(1, 254)}",
        signals=signals.of(poll, number, phone, burst=network is not None),
    )


def _moments(random: Random, opens: datetime, until: datetime, count: int) -> list[datetime]:
    """`count` moments between two, following the rhythm of the day."""
    moments, seconds = [], int((until - opens).total_seconds())
    while len(moments) < count:
        at = opens + timedelta(seconds=random.randrange(seconds))
        if random.randrange(max(RHYTHM)) < RHYTHM[timezone.localtime(at).hour]:
            moments.append(at)
    return moments


def look_through(
    poll: Poll, *, by: Membership, second: Membership, found: datetime, settled: datetime
) -> None:
    """Set a burst from one network aside, and put back those of it that a reason was found for.

    One of the office proposes each case, another decides it within the hour; a third case is declined.
    """
    _address, network = address_keys(poll, f"{NETWORK}.1")
    criteria = Criteria(network=network, until=found)
    burst = propose(
        poll,
        matching(poll, criteria, now=found),
        kind=Quarantine.Kind.SET_ASIDE,
        grounds=Case.Grounds.ADDRESS,
        reason="凌晨十余分钟内同一网络集中投票，所选企业一致，暂作隔离核查",
        basis=criteria.basis(),
        by=by,
        now=found,
    )
    decide(burst, approved=True, by=second, now=found + timedelta(minutes=40))
    suspects = list(burst.ballots.order_by("cast_at"))
    shift = propose(
        poll,
        suspects[: len(suspects) * 2 // 5],
        kind=Quarantine.Kind.RESTORE,
        grounds=Case.Grounds.ADDRESS,
        reason="经核查，系某企业夜班职工在同一网络下分别投票，予以恢复",
        by=by,
        now=settled,
    )
    decide(shift, approved=True, by=second, now=settled + timedelta(minutes=25))
    rest = propose(
        poll,
        suspects[len(suspects) * 2 // 5 :],
        kind=Quarantine.Kind.RESTORE,
        grounds=Case.Grounds.ADDRESS,
        reason="其余选票是否一并恢复，请另一位同志研究",
        by=by,
        now=settled + timedelta(minutes=30),
    )
    decide(
        rest,
        approved=False,
        note="没有查到可以说明的原因，维持隔离",
        by=second,
        now=settled + timedelta(minutes=50),
    )


def report(poll: Poll, *, by: Membership, at: datetime) -> Case:
    """A case that waits for the second person: what somebody reported of the first day."""
    reported = poll.ballots.filter(cast_at__gte=poll.opens + timedelta(hours=3)).order_by("cast_at", "pk")
    return propose(
        poll,
        list(reported[:7]),
        kind=Quarantine.Kind.SET_ASIDE,
        grounds=Case.Grounds.REPORT,
        reason="接电话举报，有人在服务大厅用同一台自助终端代投，提请复核（演示）",
        by=by,
        now=at,
    )


def count(poll: Poll, *, by: Membership, at: datetime):
    """Close and count, as the office does where the poll does not close itself."""
    return close_poll(poll, by=by, now=at)
