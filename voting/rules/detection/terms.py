"""What detection looks at, what it compares with, and what it says."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.errors import N_

LOCAL, AWAY, VIRTUAL = "local", "away", "virtual"
ELSEWHERE = (AWAY, VIRTUAL)

# What an alarm is about: the same words as `voting.models.Alarm.Rule`.
VELOCITY, ADDRESS, NETWORK, DEVICE = "velocity", "address", "network", "device"
AREA, DWELL, CLIQUE, SEQUENCE = "area", "dwell", "clique", "sequence"

# What a ballot can have in common with the others of its group.
PLACE, BLOCK, KIOSK, RHYTHM, ONE_SIDED = "place", "block", "kiosk", "rhythm", "one_sided"

SIGNS = {
    VELOCITY: N_("所选企业的得票正在突增"),
    CLIQUE: N_("整张选票的选择与一大批选票完全相同"),
    PLACE: N_("与同组多张选票来自同一地址或网段"),
    AREA: N_("外地或虚拟运营商号码，同组中这样的号码多得反常"),
    BLOCK: N_("号码与同组其他号码相邻"),
    SEQUENCE: N_("外地或虚拟运营商的号码，与同组其他号码相邻"),
    KIOSK: N_("多人共用一台设备"),
    DEVICE: N_("多人共用一台设备，选择完全相同"),
    DWELL: N_("停留时间短得反常，或者整齐得反常"),
    ONE_SIDED: N_("停留时间反常的选票都投给同一家"),
    RHYTHM: N_("深夜与白天一样多，没有人的作息"),
}


@dataclass(frozen=True)
class Explanation:
    """An honest reason: the signs it accounts for, and the one without which it is none."""

    words: str
    accounts_for: frozenset[str]
    needs: str = ""


#: 委员会决定: a ballot all of whose signs one of these accounts for is never flagged.
EXPLANATIONS = (
    Explanation(
        N_("一家单位的职工在同一处投票：换班、午休，单位的号码往往相邻，也可能照着单位发的名单选"),
        frozenset({PLACE, VELOCITY, BLOCK, KIOSK, CLIQUE, RHYTHM}),
        PLACE,
    ),
    Explanation(
        N_("一家单位在外地的分支机构集中投票"), frozenset({PLACE, VELOCITY, AREA, BLOCK, KIOSK}), PLACE
    ),
    Explanation(N_("有影响的人或者媒体号召投票，许多人照着名单选"), frozenset({VELOCITY, CLIQUE, AREA})),
    Explanation(
        N_("一家单位的职工各自在家投票，单位的号码相邻"), frozenset({VELOCITY, CLIQUE, BLOCK}), BLOCK
    ),
    Explanation(N_("家人或者服务点帮人投票，共用一台设备"), frozenset({KIOSK, VELOCITY, PLACE}), KIOSK),
)


@dataclass(frozen=True)
class Thresholds:
    """委员会决定: when detection speaks. `digits` is how improbable: 6 is less than one in 10^6."""

    digits: float = 6.0
    lift: float = 5.0  # how many times as often as elsewhere, before a sign in a group counts
    min_past: int = 300  # ballots a poll must have before anything is compared with its past
    # velocity
    surge: float = 3.0  # times its own usual pace
    surge_least: int = 20  # ballots
    surge_spread: float = 6.0  # (scaled) median absolute deviations above the own median share
    # same sets
    clique_least: int = 8  # voters
    choice_lift: float = 20.0  # choices go together: this much more often than by independent choice
    # addresses and networks
    place_least: int = 15  # voters behind one address before the alarm looks at it
    place_skew: float = 2.0
    crowd_address: int = 4  # voters of one group behind one address
    crowd_network: int = 8
    # devices
    device_voters: int = 4
    # numbers
    area_least: int = 12
    area_lift: float = 1.5
    block_least: int = 6  # voters of a group who share blocks of numbers
    # dwell
    dwell_least: int = 8
    dwell_lift: float = 8.0
    dwell_share: float = 0.002  # never taken for rarer than this elsewhere
    band: float = 0.1  # width of a narrow band, of its lower end
    shortest: int = 60  # a band from nothing to here is "short", a wide one beyond is ordinary life
    # rhythm
    rhythm_least: int = 20
    rhythm_span: int = 12 * 3600  # seconds
    asleep: float = 0.05  # the hours with the fewest ballots, together this share of a day
    # flagging
    signs: int = 2
    # after a person decided
    again: int = 10  # ballots not looked at before
    quiet: int = 6 * 3600  # seconds before a matter without ballots is raised again


@dataclass(frozen=True, slots=True)
class Seen:
    """A ballot as detection sees it. `at` in seconds since 1970; names are keyed; dwell in seconds."""

    id: Hashable
    voter: str
    at: float
    picks: tuple[int, ...]
    address: str = ""
    network: str = ""
    device: str = ""
    block: str = ""
    home: str = ""
    dwell: int | None = None


@dataclass
class Past:
    """A poll's own past, in counts: what detection compares with. Grows by `learn`, keeps no ballot.

    `hours` and `tens` (the last day in ten minutes): beginning in seconds → (ballots, {number: ballots}).
    `sharing`: home → probability that two voters of this home share a block of numbers.
    """

    n: int = 0
    hours: dict[int, tuple[int, Counter]] = field(default_factory=dict)
    tens: dict[int, tuple[int, Counter]] = field(default_factory=dict)
    dwell: Counter = field(default_factory=Counter)
    home: Counter = field(default_factory=Counter)
    sharing: dict[str, float] = field(default_factory=dict)

    def picks(self) -> Counter:
        total = Counter()
        for _n, each in self.hours.values():
            total.update(each)
        return total

    def clock(self) -> list[int]:
        """Ballots by hour of the day (UTC)."""
        found = [0] * 24
        for hour, (n, _picks) in self.hours.items():
            found[hour // 3600 % 24] += n
        return found


@dataclass(frozen=True)
class Finding:
    """What was noticed about one matter.

    `group`: the ballots it is about; `flagged`: ballot → its signs, for those no honest reason accounts for.
    """

    rule: str
    candidate: int | None
    key: str
    seen: float
    expected: float
    threshold: float
    digits: float
    group: Sequence[Seen]
    flagged: Mapping[Hashable, frozenset[str]]
    signs: Mapping[str, int]
    more: Mapping[str, object]

    @property
    def matter(self) -> tuple:
        return self.rule, self.candidate, self.key

    @property
    def since(self) -> float:
        return min(each.at for each in self.group)

    @property
    def until(self) -> float:
        """The second after the last ballot."""
        return max(each.at for each in self.group) + 1
