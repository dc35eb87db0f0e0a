"""What a fictional enterprise declares beyond the columns: figures that go together and with its deeds."""

from random import Random

SURNAMES = "安柏岑丛方谷海季蓝路"
PERIOD = "近三年（演示）"
CONTESTS = ("岗位练兵比武", "职工技能竞赛", "“五小”成果评比", "合理化建议月")
RESULTS = ("工装快换", "余热回收", "在线检测", "刀具寿命管理", "物料配送路线")


def answers_of(number: int, declared: dict, figures: dict) -> dict:
    """The `number`-th enterprise's. Drawn apart, so that nothing else of the demonstration moves."""
    draw = Random(number)
    employees = declared["employees"]
    fund = employees * draw.randrange(600, 1800, 50)
    results, share = figures["small"], draw.randint(62, 94)
    founded = declared["union_founded_on"].year - draw.randint(1, 6)
    return {
        "registered_at": f"{declared['division_name']}演示路{number}号",
        "registry": f"{declared['division_name']}市场监督管理局（演示）",
        "registered_on": f"{founded}-{draw.randint(1, 12):02d}-08",
        "capital": str(draw.randrange(500, 9000, 100)),
        "head_name": f"{draw.choice(SURNAMES)}演示",
        "frontline_employees": employees * draw.randint(55, 80) // 100,
        "business": f"{declared['industry']}相关产品的研发、制造和服务（演示）。",
        "recognition_details": {
            name: {
                "level": draw.choice(("国家级", "省部级")),
                "number": f"演示 {2020 + number % 5}-{number}",
                "granted_on": f"{2020 + number % 5}-{draw.randint(1, 12):02d}-20",
            }
            for name in declared["recognitions"]
        },
        "reward_system": True,
        "reward_ways": draw.sample(("股权", "分红", "产品销售提成", "奖金"), 2)
        if employees > 600
        else ["奖金"],
        "reward_paid": str(results * draw.randrange(1200, 6000, 100)),
        "training_fund": str(fund),
        "training_frontline": str(fund * declared["frontline_share"] / 100),
        "growth_paths": True,
        "allowance": draw.random() < 0.7,
        "inventions_managed": draw.random() < 0.6,
        "skills_planned": True,
        "mentoring": figures["pairs"],
        "models_chosen": ["创新能手", "企业工匠"],
        "mechanism_text": f"（演示材料）{figures['kind']}。技能、技术、管理三条通道待遇相当。",
        "studios": [
            {
                "name": f"{draw.choice(SURNAMES)}演示创新工作室",
                "level": ("省部级", "市级", "区（市）级", "企业级", "企业级")[each],
                "leader": f"{draw.choice(SURNAMES)}演示",
                "members": draw.randint(5, 16),
            }
            for each in range(figures["studios"])
        ],
        "bases": [{"name": "职工实训基地（演示）", "partner": "演示职业技术学院"}],
        "suggestion_channel": "班组看板、手机端和每月一次的建议评审会，采纳的当月公布。",
        "five_small": ["小革新", "小发明", "小建议"],
        "contests": [
            {
                "name": f"{draw.choice(CONTESTS)}（演示）",
                "level": "企业级",
                "held_on": f"2025-{draw.randint(3, 11):02d}-16",
                "people": employees * draw.randint(30, 70) // 100,
            }
        ],
        "platform_text": "（演示材料）工作室有场地、有经费、有课题，成果在车间之间轮流讲解。",
        "period": PERIOD,
        "participants": employees * share // 100,
        "participation": str(share),
        "suggestions_made": figures["ideas"],
        "suggestions_adopted": figures["taken"],
        "results": results,
        "results_applied": results * draw.randint(50, 90) // 100,
        "patents": draw.randint(2, 40),
        "patents_invention": draw.randint(0, 2),
        "methods": draw.randint(0, 5),
        "benefit": str(results * draw.randrange(60_000, 240_000, 10_000)),
        "awards": [
            {
                "name": f"{draw.choice(RESULTS)}（演示）",
                "award": "职工创新成果二等奖（演示）",
                "issuer": "演示协会",
                "granted_on": f"2025-{draw.randint(1, 12):02d}-18",
            }
        ],
        "effect_text": f"（演示材料）{figures['effect']}。",
        "summary": f"（演示）职工提出建议{figures['ideas']}条，采纳{figures['taken']}条；{figures['kind']}。",
    }
