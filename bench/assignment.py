"""How long an assignment is computed: python bench/assignment.py.

200 nominations, 60 experts, 5 to each, one pair in twenty barred. Prints the seconds of the computation;
the page reads two hundred rows besides.
"""

import random
import time

from review import matching

FIELDS = ("电子", "化工", "海洋", "纺织", "装备", "医药", "农业", "物流")


def instance(seed: int = 4):
    chance = random.Random(seed)
    subjects = [matching.Subject(f"s{n:03}", frozenset([chance.choice(FIELDS)])) for n in range(200)]
    reviewers = [matching.Reviewer(f"r{n:02}", frozenset(chance.sample(FIELDS, 2))) for n in range(60)]
    barred = {(one.key, who.key) for one in subjects for who in reviewers if chance.random() < 0.05}
    return subjects, reviewers, barred


def main() -> None:
    subjects, reviewers, barred = instance()
    start = time.perf_counter()
    plan = matching.match(subjects, reviewers, each=5, barred=barred, seed="2026")
    seconds = time.perf_counter() - start
    loads = sorted(set(plan.loads.values()))
    print(  # noqa: T201
        f"200 x 60, 5 each: {seconds:.1f} s; {len(plan.pairs)} pairs, "
        f"loads {loads}, {plan.matched} of the field"
    )


if __name__ == "__main__":
    main()
