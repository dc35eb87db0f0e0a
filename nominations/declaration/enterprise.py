"""The form of 全员创新企业, after parts 三 and 四 of S1; what they do not ask so is 委员会决定."""

from nominations.declaration.shape import Field, Section, Shape
from nominations.rules import KEY_INDUSTRIES, NATURES, RECOGNITIONS
from portal.errors import N_

LEVELS = (N_("国家级"), N_("省部级"), N_("市级"), N_("区（市）级"), N_("企业级"))
RECOGNITION_LEVELS = (N_("国家级"), N_("省部级"))


def _core(key: str, title: str, kind: str = "text", need: str = "submit", **more) -> Field:
    return Field(key, title, kind, need, core=True, **more)


BASICS = Section(
    "basics",
    N_("基本情况"),
    fields=(
        _core("name", N_("企业名称"), most=120, help=N_("与营业执照上的名称一致。")),
        _core("division_name", N_("所属区市"), most=30, clause="S1 四.1"),
        Field("registered_at", N_("注册地址"), most=120, clause="S1 四.1"),
        Field("registry", N_("登记机关"), most=60),
        Field("registered_on", N_("注册日期"), "date"),
        Field("capital", N_("注册资本"), "decimal", "optional", unit=N_("万元")),
        _core("independent", N_("独立法人"), "boolean", clause="S1 四.1"),
        Field("head_name", N_("法定代表人"), most=40),
        Field("head_title", N_("法定代表人职务"), need="optional", most=40),
        _core("employees", N_("职工人数"), "integer", unit=N_("人")),
        Field("frontline_employees", N_("其中一线职工"), "integer", unit=N_("人")),
        _core("union_founded_on", N_("工会成立时间"), "date", clause="S1 四.1"),
        _core("union_members", N_("工会会员数"), "integer", unit=N_("人")),
        Field("union_head", N_("工会主席"), need="optional", most=40),
    ),
)

KIND = Section(
    "kind",
    N_("企业性质与行业"),
    fields=(
        _core("nature", N_("企业性质"), "choice", choices=NATURES, clause="S1 四.1"),
        Field(
            "central_owner",
            N_("所属中央企业"),
            need="optional",
            most=120,
            clause="S1 四.1",
            help=N_("只由驻青央企所属的二级、三级单位填写。"),
        ),
        _core("industry", N_("所属行业"), most=40),
        _core(
            "key_industry",
            N_("十强产业"),
            "choice",
            "optional",
            choices=KEY_INDUSTRIES,
            clause="S1 四.2",
            help=N_("不属于十强产业的，不选。"),
        ),
        Field("business", N_("主营业务"), "long", most=300),
    ),
)

RECOGNISED = Section(
    "recognised",
    N_("省部级以上认定"),
    fields=(
        _core(
            "recognitions",
            N_("省部级以上认定"),
            "choices",
            "optional",
            choices=RECOGNITIONS,
            clause="S1 四.2",
        ),
        Field(
            "recognition_details",
            N_("认定信息"),
            "details",
            of="recognitions",
            help=N_("勾选的每一项填写级别、证书编号和认定日期，并选定作为证明的佐证。"),
            columns=(
                Field("level", N_("级别"), "choice", choices=RECOGNITION_LEVELS),
                Field("number", N_("证书编号或文号"), most=60),
                Field("granted_on", N_("认定日期"), "date"),
                Field("evidence", N_("佐证"), "evidence", "optional"),
            ),
        ),
    ),
)

MECHANISM = Section(
    "mechanism",
    N_("全员创新机制建设"),
    "mechanism",
    fields=(
        Field("reward_system", N_("有职工创新成果奖励制度"), "boolean", clause="S1 三.9"),
        Field(
            "reward_ways",
            N_("成果参与分配的方式"),
            "choices",
            clause="S1 三.9",
            choices=(N_("股权"), N_("期权"), N_("分红"), N_("产品销售提成"), N_("奖金"), N_("其他方式")),
        ),
        Field("reward_paid", N_("上年度发放的创新奖励"), "money", unit=N_("元"), clause="S1 三.9"),
        Field("training_fund", N_("上年度提取的职工教育经费"), "money", unit=N_("元"), clause="S1 三.2"),
        Field("training_frontline", N_("其中用于一线职工培训"), "money", unit=N_("元"), clause="S1 三.2"),
        _core(
            "frontline_share",
            N_("一线职工教育经费占比"),
            "percent",
            "advised",
            unit="%",
            clause="S1 三.2",
            help=N_("用于一线职工培训的经费占职工教育经费的比例，应在 60% 以上。"),
        ),
        Field("growth_paths", N_("建有职工多通道成长机制"), "boolean", clause="S1 三.8"),
        Field("allowance", N_("有创新型人才岗位津贴制度"), "boolean", clause="S1 三.9"),
        Field("inventions_managed", N_("有职务发明管理制度"), "boolean", clause="S1 三.9"),
        Field("skills_planned", N_("有技能人才培养规划"), "boolean", clause="S1 三.9"),
        Field("mentoring", N_("名师带徒结对"), "integer", unit=N_("对"), clause="S1 三.2", exhibit="figure"),
        Field(
            "models_chosen",
            N_("企业内部典型选树"),
            "choices",
            "optional",
            clause="S1 三.5",
            choices=(
                N_("创新能手"),
                N_("创新班组"),
                N_("企业工匠"),
                N_("优秀创新成果"),
                N_("“金点子”创意"),
            ),
        ),
        Field(
            "mechanism_text",
            N_("机制建设情况"),
            "long",
            most=500,
            help=N_("奖励和分配怎么定、成长通道怎么走、钱怎么花，写事实和数字。"),
        ),
    ),
)

PLATFORM = Section(
    "platform",
    N_("全员创新平台载体建设"),
    "platform",
    fields=(
        Field(
            "studios",
            N_("劳模和工匠人才创新工作室"),
            "rows",
            exhibit="studio",
            clause="S1 三.4",
            most=20,
            columns=(
                Field("name", N_("名称"), need="submit", most=60),
                Field("level", N_("级别"), "choice", choices=LEVELS),
                Field("leader", N_("领衔人"), most=40, private=True),
                Field("members", N_("成员（人）"), "integer"),
            ),
        ),
        Field(
            "bases",
            N_("实训基地和创新联盟"),
            "rows",
            clause="S1 三.4",
            most=20,
            columns=(
                Field("name", N_("名称"), need="submit", most=60),
                Field("partner", N_("共建的院校、院所或企业"), most=80),
            ),
        ),
        Field("suggestion_channel", N_("合理化建议渠道"), "long", clause="S1 三.3", most=300),
        Field(
            "five_small",
            N_("开展的“五小”活动"),
            "choices",
            clause="S1 三.3",
            choices=(N_("小革新"), N_("小发明"), N_("小节约"), N_("小建议"), N_("小品牌")),
        ),
        Field(
            "contests",
            N_("岗位练兵和技能、创新竞赛"),
            "rows",
            clause="S1 三.2",
            most=20,
            columns=(
                Field("name", N_("名称"), need="submit", most=60),
                Field("level", N_("级别"), "choice", choices=LEVELS),
                Field("held_on", N_("举办日期"), "date"),
                Field("people", N_("参加（人次）"), "integer"),
            ),
        ),
        Field("platform_text", N_("平台载体建设情况"), "long", most=500),
    ),
)

EFFECT = Section(
    "effect",
    N_("全员创新效果"),
    "effect",
    fields=(
        Field("period", N_("统计期间"), most=40, help=N_("以下各项是哪一年或哪几年的数字，例如：2025年度。")),
        Field(
            "participants",
            N_("参与创新活动的职工"),
            "integer",
            unit=N_("人"),
            clause="S1 四.2",
            exhibit="figure",
        ),
        Field("participation", N_("职工参与率"), "percent", unit="%", clause="S1 四.2", exhibit="figure"),
        Field("suggestions_made", N_("合理化建议提出"), "integer", unit=N_("条"), clause="S1 三.3"),
        Field(
            "suggestions_adopted",
            N_("合理化建议采纳"),
            "integer",
            unit=N_("条"),
            clause="S1 三.3",
            exhibit="figure",
        ),
        Field("results", N_("职工创新成果"), "integer", unit=N_("项"), clause="S1 三.7", exhibit="figure"),
        Field(
            "results_applied",
            N_("其中已转化应用"),
            "integer",
            unit=N_("项"),
            clause="S1 三.7",
            exhibit="figure",
        ),
        Field("patents", N_("授权专利"), "integer", unit=N_("件"), clause="S1 三.7", exhibit="figure"),
        Field(
            "patents_invention", N_("其中发明专利"), "integer", "optional", unit=N_("件"), exhibit="figure"
        ),
        Field(
            "methods", N_("命名的先进操作法"), "integer", unit=N_("项"), clause="S1 三.3", exhibit="figure"
        ),
        Field("benefit", N_("创造的经济效益"), "money", unit=N_("元"), clause="S1 三.3", exhibit="figure"),
        Field(
            "awards",
            N_("成果获奖"),
            "rows",
            exhibit="result",
            most=30,
            clause="S1 三.6",
            columns=(
                Field("name", N_("成果或个人"), need="submit", most=80),
                Field("award", N_("奖项和等次"), most=80),
                Field("issuer", N_("颁发单位"), most=60),
                Field("granted_on", N_("获奖日期"), "date"),
            ),
        ),
        Field("effect_text", N_("创新效果"), "long", most=500),
    ),
)

DEEDS = Section(
    "deeds",
    N_("主要事迹"),
    fields=(
        Field(
            "summary",
            N_("事迹摘要"),
            "long",
            exhibit="introduction",
            most=500,
            clause="S1 四.2",
            help=N_("最要紧的机制、平台和成效，500 字以内。"),
        ),
        _core(
            "deeds",
            N_("主要事迹"),
            "long",
            exhibit="introduction",
            most=2000,
            clause="S1 四.2",
            help=N_("写开展全员创新的机制、平台和成效，不写企业的一般介绍。"),
        ),
        _core("note", N_("备注"), need="optional", most=500),
    ),
)

CONTACT = Section(
    "contact",
    N_("联系人"),
    fields=(
        _core("contact_name", N_("联系人"), most=40, private=True),
        _core(
            "contact_phone",
            N_("联系电话"),
            most=40,
            private=True,
            help=N_("只供办理本次推荐联系，不对外公开。"),
        ),
    ),
)

ENTERPRISE = Shape((BASICS, KIND, RECOGNISED, MECHANISM, PLATFORM, EFFECT, DEEDS, CONTACT))
