"""What the regulation says where a rule leans on it: data for the 依据 chips.

The gist is our own wording of the clause; the regulation's sentences are not kept here. A parameter
the regulation does not fix has the code 委员会 and is shown as the committee's own decision.
"""

from dataclasses import dataclass
from datetime import date

from portal.errors import N_

COMMITTEE = "委员会"


@dataclass(frozen=True)
class Clause:
    code: str
    document: str
    number: str  # of the clause inside the document, as the document numbers it
    date: date | None
    title: str
    gist: str


S1 = N_("《关于培育选树青岛市全员创新企业的意见》")
S1_DATE = date(2020, 4, 16)


def _s1(number: str, title: str, gist: str) -> Clause:
    return Clause(f"S1 {number}", S1, number, S1_DATE, title, gist)


_ALL = (
    _s1(
        "二",
        N_("每年的数量"),
        N_("市级每年选树 10 家；各级工会合计每年 100 家以上；其中好的推荐为山东省全员创新企业。"),
    ),
    _s1(
        "四.1",
        N_("选树范围"),
        N_(
            "企业须已依法建立工会，并且在青岛市注册、有独立法人资格；"
            "驻青央企所属二级、三级单位有独立法人资格的也可参加。条件相同时民营企业优先。"
        ),
    ),
    _s1(
        "四.1①",
        N_("排除：禁止、限制、淘汰类"),
        N_("产品或服务被国家列为禁止、限制或淘汰类的，不能参加。"),
    ),
    _s1("四.1②", N_("排除：弄虚作假"), N_("有弄虚作假行为的企业，不能参加。条文没有规定向前追溯几年。")),
    _s1("四.1③", N_("排除：科研失信"), N_("有严重科研失信行为的企业，不能参加。条文没有规定向前追溯几年。")),
    _s1(
        "四.1④",
        N_("排除：重大事故与环境违法"),
        N_("出过重大安全事故、重大质量事故，或者环境违法情节严重的企业，不能参加。"),
    ),
    _s1(
        "四.1⑤",
        N_("排除：异常名录与失信名单"),
        N_("审查当日还在经营异常名录或者严重违法失信企业名单上的企业，不能参加；已经移出的不算。"),
    ),
    _s1(
        "四.2",
        N_("选树条件"),
        N_(
            "看企业在行业中的优势和创新水平，看职工创新的培养、载体、平台、奖励是否成体系，看参与面和成效。"
            "“十强产业”企业并有省部级以上创新类认定的，条件相同时优先。"
        ),
    ),
    _s1(
        "四.3",
        N_("选树程序"),
        N_("依次为组织推荐、资格审查、专家评审、公众投票、差额考察、提名公示六步。"),
    ),
    _s1("四.3①", N_("组织推荐"), N_("按选树范围、标准和条件，从基层起一级一级向上推荐。")),
    _s1("四.3②", N_("资格审查"), N_("推荐上来的企业逐家从严审查，不合要求的筛去，其余为候选企业。")),
    _s1(
        "四.3③",
        N_("专家评审"),
        N_("不同领域的专家组成评审委员会，从机制建设、平台载体建设、创新效果等方面评出提名企业。"),
    ),
    _s1("四.3④", N_("公众投票"), N_("开通面向社会的评选渠道，由公众投票选出心目中的全员创新企业。")),
    _s1(
        "四.3⑤",
        N_("差额考察"),
        N_("按公众投票结果和专家评审成绩，以 1∶1.2 的比例定出考察名单，由考察组到现场考察。"),
    ),
    _s1("四.3⑥", N_("提名公示"), N_("根据现场考察的情况研究定出公示名单，在有关媒体上公示，接受社会监督。")),
    _s1(
        "四.4",
        N_("命名奖励"),
        N_(
            "公示没有异议的，公布名单，命名青岛市五一劳动奖状，给 30 万元资助资金，"
            "用于职工创新成果奖励、创新平台建设和群众性创新活动；企业一位负责人或分管负责人获五一劳动奖章；"
            "条件相同时优先推荐市劳模及以上荣誉。"
        ),
    ),
    _s1(
        "五.1",
        N_("组织领导"),
        N_("市总工会等八个部门组成工作委员会，办公室设在市总工会；各区（市）每年至少选树 10 家本级企业。"),
    ),
    _s1("五.2", N_("统筹推进"), N_("各级工会每年都要开展，形成市、区市、企业三级联动、逐级培育的格局。")),
    Clause(
        COMMITTEE,
        N_("“青岛市全员创新企业”培育选树工作委员会"),
        "",
        None,
        N_("委员会决定"),
        N_("委员会决定，法规未作规定。这一项由委员会为本届确定，生效前冻结，不代表法规的要求。"),
    ),
)

CLAUSES: dict[str, Clause] = {one.code: one for one in _ALL}


def find_clause(code: str) -> Clause:
    """The clause of a code; every form of 委员会… is the committee. An unknown code is a mistake of ours."""
    return CLAUSES[COMMITTEE if code.startswith(COMMITTEE) else code]
