"""What the regulation says of screening: the items, what a declaration shows, what the answers come to."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.errors import N_, Listing, Refused
from portal.sentences import Sentence, sentence

CONDITION, EXCLUSION, OVERALL = "condition", "exclusion", "overall"
#: The sense of an item: what must be so, what must not be, what is asked in general.
SENSES = {CONDITION: N_("应当符合"), EXCLUSION: N_("不得存在"), OVERALL: N_("综合意见")}
CLEAR, PROBLEM, UNVERIFIABLE = "clear", "problem", "unverifiable"
RESULTS = {CLEAR: N_("无异议"), PROBLEM: N_("有问题"), UNVERIFIABLE: N_("无法核查")}
MET, UNMET, UNKNOWN = "met", "unmet", "unknown"
QUALIFIED, REFUSED, OPEN = "qualified", "refused", "open"
#: What became of a 有问题 that somebody of the office proposed to set aside.
OVERRULED, PENDING = "overruled", "pending"


@dataclass(frozen=True)
class Item:
    """One item of the screening, under the clause that asks for it."""

    code: str
    title: str
    clause: str
    kind: str

    @property
    def number(self) -> str:
        """As the document numbers it: 四.1, 四.1④."""
        return self.clause.removeprefix("S1 ")

    @property
    def sense(self) -> str:
        return SENSES[self.kind]


#: What must be so; the declaration shows it, the office may find otherwise.
CONDITIONS = (
    Item("union", N_("已依法成立工会"), "S1 四.1", CONDITION),
    Item("legal", N_("具有独立法人资格"), "S1 四.1", CONDITION),
    Item("place", N_("在本市注册，或者是驻青央企所属二级、三级单位"), "S1 四.1", CONDITION),
    Item("complete", N_("申报材料完整"), "S1 四.3①", CONDITION),
)
#: The items of the joint check; a department answers for the items it keeps the books of.
ITEMS = (
    Item("overall", N_("总体意见"), "S1 四.3②", OVERALL),
    Item("prohibited", N_("产品和服务属于国家禁止、限制和淘汰类"), "S1 四.1①", EXCLUSION),
    Item("fraud", N_("弄虚作假"), "S1 四.1②", EXCLUSION),
    Item("misconduct", N_("科研严重失信行为"), "S1 四.1③", EXCLUSION),
    Item("accident", N_("重大安全、重大质量事故"), "S1 四.1④", EXCLUSION),
    Item("environment", N_("严重环境违法行为"), "S1 四.1④", EXCLUSION),
    Item("abnormal", N_("经营异常名录和严重违法失信企业名单"), "S1 四.1⑤", EXCLUSION),
)
ITEM = {item.code: item for item in ITEMS}
ITEM_BY_TITLE = {item.title: item for item in ITEMS}
RESULT_BY_TITLE = {title: code for code, title in RESULTS.items()}
#: Conditions and joint check, in the order of the regulation; 总体意见 comes last.
EVERY = {item.code: item for item in (*CONDITIONS, *ITEMS[1:], ITEMS[0])}


@dataclass(frozen=True)
class Scope:
    """What a declaration says of its own standing; None is not yet known.

    `missing`: the titles of what is not filled in or not attached.
    """

    union_founded: date | None
    registered_in_city: bool | None
    legal_personality: bool | None
    central_level: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The finding on one item: met, unmet or unknown, why, and what was looked at.

    `mended`: what was unknown came back from the enterprise, and somebody has to look again.
    """

    code: str
    title: str
    clause: str
    verdict: str
    reason: Sentence
    source: str = ""
    mended: bool = False


def positive_findings(facts: Scope, *, today: date) -> list[Finding]:
    """S1 四.1: a lawful union; an independent legal person; in the city, or a level-2/3 unit of a central
    enterprise in the city. S1 四.3①: what is handed in is complete."""
    found = {
        "union": (*_union(facts.union_founded, today), N_("申报表：工会成立时间")),
        "legal": (*_legal(facts.legal_personality), N_("申报表：独立法人")),
        "place": (*_place_of(facts), N_("申报表：所属区市、企业性质；统一社会信用代码")),
        "complete": (*_complete(facts.missing), N_("申报表各项和佐证")),
    }
    return [Finding(item.code, item.title, item.clause, *found[item.code]) for item in CONDITIONS]


def _union(founded: date | None, today: date) -> tuple[str, Sentence]:
    if founded is None:
        return UNKNOWN, sentence("没有填写工会成立时间，请补充。")
    if founded > today:
        return UNMET, sentence("工会成立时间 {day} 晚于审查之日，请核对。", day=founded)
    return MET, sentence("工会成立于 {day}。", day=founded)


def _legal(legal_personality: bool | None) -> tuple[str, Sentence]:
    if legal_personality is None:
        return UNKNOWN, sentence("没有填写是否具有独立法人资格，请补充。")
    if not legal_personality:
        return UNMET, sentence("不具有独立法人资格。")
    return MET, sentence("具有独立法人资格。")


def _place_of(facts: Scope) -> tuple[str, Sentence]:
    if facts.central_level in (2, 3):
        return MET, sentence("驻青央企所属 {level} 级单位。", level=facts.central_level)
    if facts.registered_in_city is None:
        return UNKNOWN, sentence("看不出是否在本市注册，请核对营业执照上的住所。")
    if not facts.registered_in_city:
        return UNMET, sentence("不在本市注册，也不是驻青央企所属二级、三级单位。")
    return MET, sentence("在本市注册。")


def _complete(missing: tuple[str, ...]) -> tuple[str, Sentence]:
    if missing:
        return UNKNOWN, sentence("还缺：{missing}。", missing=Listing(missing))
    return MET, sentence("没有缺项。")


@dataclass(frozen=True)
class Answer:
    """A department's current answer to one item.

    `resolved`: what stood in the way was settled since (a 无法核查 looked up by the office, a 有问题 set
    aside by two of the office); `settled_on` is the day of that look-up, where it was one. `pending`:
    somebody proposes to set the 有问题 aside, and nobody has confirmed it yet.
    """

    department: Hashable
    item: str
    result: str
    looked_up_on: date | None = None
    resolved: bool = False
    pending: bool = False
    settled_on: date | None = None


@dataclass(frozen=True)
class Screening:
    """The verdict, why it is so, and which (department, item) must still be answered."""

    verdict: str
    reasons: tuple[Sentence, ...]
    missing: tuple[tuple[Hashable, str], ...]


def expired(looked_up_on: date | None, valid_days: int | None, today: date) -> bool:
    """委员会决定: a look-up holds for `valid_days` days after its day (None: always); without a day never."""
    if valid_days is None:
        return False
    return looked_up_on is None or today > looked_up_on + timedelta(days=valid_days)


def set_aside(version: int, overrules: Iterable[tuple[int, bool | None]]) -> str:
    """委员会决定: a 有问题 is set aside when a second person of the office confirms it, and for the version
    of the answer it was proposed for alone. `overrules`: (version, confirmed; None not yet decided)."""
    standing = [confirmed for of, confirmed in overrules if of == version and confirmed is not False]
    if True in standing:
        return OVERRULED
    return PENDING if standing else ""


def screen(
    findings: Iterable[Finding],
    answers: Iterable[Answer],
    required: Iterable[tuple[Hashable, str]],
    *,
    valid_days: int | None = None,
    today: date | None = None,
) -> Screening:
    """S1 四.3②: one unresolved problem refuses; what is missing, not verifiable, not yet confirmed or out of
    date keeps it open.

    An answer older than `valid_days` (given with `today`) is missing again, but an old problem still refuses
    until the department looks again. Where a pair has two answers the graver one counts.
    """
    findings, answers = list(findings), list(answers)
    problems = [
        sentence("{title}：{reason}", title=f.title, reason=f.reason) for f in findings if f.verdict == UNMET
    ]
    doubts = [
        sentence("{title}：{reason}", title=f.title, reason=f.reason)
        for f in findings
        if f.verdict == UNKNOWN
    ]
    held = set()
    for answer in sorted(answers, key=lambda a: (str(a.department), _place(a.item))):
        pair = (answer.department, answer.item)
        words = {"department": answer.department, "item": ITEM[answer.item].title}
        if answer.result not in RESULTS:
            raise Refused("“{result}”不是核查结果，请填无异议、有问题或无法核查。", result=answer.result)
        if answer.resolved or answer.result == CLEAR:
            day = answer.settled_on if answer.resolved and answer.settled_on else answer.looked_up_on
            if valid_days is None or not expired(day, valid_days, today):
                held.add(pair)
            continue
        held.add(pair)
        if answer.result == UNVERIFIABLE:
            doubts.append(sentence("{department}：{item}，无法核查，请另行核实。", **words))
        elif answer.pending:
            doubts.append(sentence("{department}：{item}，有问题；已提出不采纳，等待第二人复核。", **words))
        else:
            problems.append(sentence("{department}：{item}，有问题。", **words))
    missing = tuple(sorted(set(required) - held, key=lambda pair: (str(pair[0]), _place(pair[1]))))
    if problems:
        return Screening(REFUSED, tuple(problems), missing)
    if missing:
        doubts.append(sentence("还有 {count} 项核查没有有效的答复。", count=len(missing)))
    return Screening(OPEN if doubts else QUALIFIED, tuple(doubts), missing)


def _place(code: str) -> int:
    return [item.code for item in ITEMS].index(code)
