"""What anybody may read at the front door: polls that run, notices in their period, how it all goes."""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.utils import timezone

from portal.addresses import address
from portal.errors import N_

#: The six steps of S1 四.3 in our own words, each with its clause.
WAY = (
    (N_("组织推荐"), N_("基层工会申报，区市、产业和直属单位工会逐级审核，择优上报。"), "S1 四.3①"),
    (N_("资格审查"), N_("办公室会同有关部门逐项核查，合格的成为候选企业。"), "S1 四.3②"),
    (N_("专家评审"), N_("专家从机制、平台载体、效果三个方面评分，产生提名企业。"), "S1 四.3③"),
    (N_("公众投票"), N_("提名企业向社会公开，由公众投票。"), "S1 四.3④"),
    (N_("差额考察"), N_("评审和投票的综合成绩靠前的，按名额的 1.2 倍列入名单，实地考察。"), "S1 四.3⑤"),
    (N_("提名公示"), N_("考察合格的拟命名企业向社会公示，任何人都可以实名提出异议。"), "S1 四.3⑥"),
)


@dataclass(frozen=True)
class PollLine:
    title: str
    host: str
    closes: datetime
    opens: datetime
    paused: bool
    url: str


@dataclass(frozen=True)
class NoticeLine:
    title: str
    host: str
    published_at: datetime
    ends_on: object
    url: str


def landing(now: datetime) -> dict:
    """The context of the public front page, in two queries."""
    polls = list(
        apps.get_model("voting", "Poll")
        .objects.public()
        .filter(closed_at__isnull=True, closes__gt=now)
        .select_related("edition__host")
        .order_by("closes")[:20]
    )
    notices = (
        apps.get_model("awards", "Notice")
        .objects.filter(
            edition__published=True,
            published_at__lte=now,
            ends_on__gte=timezone.localdate(now),
            in_force=True,
        )
        .select_related("edition__host")[:20]
    )
    return {
        "polls": [_poll(poll) for poll in polls if poll.opened_at and poll.opens <= now],
        "coming": [_poll(poll) for poll in polls if poll.opens > now],
        "notices": [_notice(notice) for notice in notices],
        "way": WAY,
        "registry_url": address("awards:registry"),
        "exhibition_url": address("awards:exhibition"),
        "notices_url": address("awards:notices"),
        "lookup_url": address("voting:lookup"),
        "objection_url": address("awards:objection_status"),
    }


def _poll(poll) -> PollLine:
    return PollLine(
        title=poll.edition.title,
        host=poll.edition.host.name,
        opens=poll.opens,
        closes=poll.closes,
        paused=poll.paused_at is not None,
        url=address("voting:booth", poll.pk),
    )


def _notice(notice) -> NoticeLine:
    return NoticeLine(
        title=notice.title,
        host=notice.edition.host.name,
        published_at=notice.published_at,
        ends_on=notice.ends_on,
        url=address("awards:notice", notice.pk),
    )
