"""Fictional enterprises: composed names, credit codes that check, declarations with figures of their own."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import product
from random import Random

from stdnum.cn import uscc

from awards.demonstration.answers import answers_of
from nominations.rules import RECOGNITIONS

FIRST = "砺澄屿瀚峤珩璟霁朔翊澍砚"
SECOND = "石川舟禾岑野帆垚"
#: For those that come after the first hundred.
LATER = "岚泓昀铄栩骐颢筠榕澜骁沐"
#: What it makes, its industry, the 十强产业 it belongs to ("" for none).
TRADES = (
    ("精密制造", "通用设备制造业", "高端装备"),
    ("轨道装备", "铁路运输设备制造业", "高端装备"),
    ("海洋生物", "食品制造业", "现代海洋"),
    ("船舶配套", "船舶制造业", "现代海洋"),
    ("智能软件", "软件和信息技术服务业", "新一代信息技术"),
    ("传感科技", "计算机和电子设备制造业", "新一代信息技术"),
    ("新材料", "化学原料制品业", "新能源新材料"),
    ("储能技术", "电气机械制造业", "新能源新材料"),
    ("医疗器械", "专用设备制造业", "医养健康"),
    ("种业科技", "农业科学研究", "现代高效农业"),
    ("橡胶制品", "橡胶和塑料制品业", ""),
    ("纺织服饰", "纺织服装业", ""),
    ("家用电器", "电气机械制造业", ""),
    ("冷链物流", "道路运输业", ""),
)
DEEDS = (
    "（演示材料）公司把全员创新写入职代会决议，设立职工创新专项经费，近三年职工提出合理化建议{ideas}条，"
    "采纳{taken}条，实施“五小”成果{small}项。建有职工创新工作室{studios}个，结成师徒{pairs}对，"
    "{kind}。{effect}，一线职工教育经费足额提取并向班组倾斜。"
)
KINDS = (
    "车间、班组两级创新台账按月公开",
    "创新成果奖励办法经职代会审议通过并按季度兑现",
    "与职业院校共建实训基地，技能等级与岗位津贴挂钩",
    "开设“班组创新课堂”，骨干轮流讲解工艺改进",
)
EFFECTS = (
    "某型号产品一次合格率由{low}%提高到{high}%",
    "单位产品能耗三年下降{drop}%",
    "职工自主改造产线{small}处，换型时间缩短{drop}%",
    "职工参与制定行业团体标准，获授权专利{small}件",
)
SURNAMES = "安柏岑丛方谷海季蓝路"


@dataclass
class Company:
    """One fictional enterprise. `merit` is what the panel tends to give it, `fame` how often it is picked."""

    name: str
    credit_code: str
    merit: int
    fame: int
    declared: dict = field(default_factory=dict)


class Registry:
    """Hands out companies, each once; the same seed gives the same ones in the same order."""

    def __init__(self, random: Random):
        self.random = random
        self._stems = [first + second for first, second in product(FIRST, SECOND)]
        random.shuffle(self._stems)
        later = [first + second for first, second in product(LATER, SECOND)]
        Random(LATER).shuffle(later)
        self._stems += later
        self._made = 0

    def take(self, division: tuple[str, str], *, nature: str = "") -> Company:
        """A new one registered in a division (code, name)."""
        random, (code, place) = self.random, division
        trade, industry, key_industry = TRADES[random.randrange(len(TRADES))]
        stem = self._stems[self._made % len(self._stems)]
        self._made += 1
        merit = random.randint(71, 93)
        return Company(
            name=f"{stem}{trade}（演示）有限公司",
            credit_code=credit_code(self._made, code),
            merit=merit,
            fame=random.randint(4, 12) + merit // 12,
            declared=self._declared(place, nature, industry, key_industry),
        )

    def _declared(self, place, nature, industry, key_industry) -> dict:
        random = self.random
        employees = random.randrange(80, 2600, 7)
        ideas = random.randint(60, 900)
        figures = {
            "ideas": ideas,
            "taken": ideas * random.randint(35, 70) // 100,
            "small": random.randint(6, 48),
            "studios": random.randint(1, 5),
            "pairs": random.randint(8, 90),
            "low": random.randint(86, 92),
            "high": random.randint(96, 99),
            "drop": random.randint(8, 27),
            "kind": random.choice(KINDS),
        }
        figures["effect"] = random.choice(EFFECTS).format(**figures)
        declared = {
            "nature": nature or random.choice(("民营", "民营", "民营", "国有", "合资", "外资")),
            "industry": industry,
            "key_industry": key_industry,
            "division_name": place,
            "independent": True,
            "employees": employees,
            "union_founded_on": date(random.randint(1998, 2021), random.randint(1, 12), 15),
            "union_members": employees * random.randint(88, 100) // 100,
            "recognitions": random.sample(RECOGNITIONS, random.choice((0, 1, 1, 2))),
            "frontline_share": Decimal(random.randrange(600, 860)) / 10,
            "contact_name": f"{random.choice(SURNAMES)}演示",
            "contact_phone": f"0532-00000{self._made:03d}",
            "deeds": DEEDS.format(**figures),
        }
        return declared | {"answers": answers_of(self._made, declared, figures)}


def credit_code(number: int, division: str) -> str:
    """A code of nobody: its letters say DEM(O), its check character is right."""
    body = f"91{division}MADEM{number:04d}"
    return body + uscc.calc_check_digit(body)
