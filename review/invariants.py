"""What must always hold of the frozen result of the review."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from portal.invariants import Checks
from review.models import Result
from review.services.freezing import verify

CHECKS = Checks()


@CHECKS.named(_("专家评审结果可以从冻结的评分重新算出"))
def review_result_recomputes() -> Iterator[str]:
    for result in Result.objects.select_related("edition").prefetch_related("rows"):
        yield from (f"{result.edition}: {difference}" for difference in verify(result))
