from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The step a nomination is at; the last three close it."""

    DRAFT = "draft", _("起草")
    RECOMMENDATION = "recommendation", _("审核推荐")
    SCREENING = "screening", _("资格审查")
    REVIEW = "review", _("专家评审")
    VOTING = "voting", _("公众投票")
    INSPECTION = "inspection", _("差额考察")
    PUBLICITY = "publicity", _("公示")
    NAMED = "named", _("命名")
    REJECTED = "rejected", _("不予通过")
    WITHDRAWN = "withdrawn", _("撤回")


ENDINGS = (State.NAMED, State.REJECTED, State.WITHDRAWN)
OPEN = tuple(state for state in State if state not in ENDINGS)


class StepKind(models.TextChoices):
    """The six steps of S1 四.3, in their order."""

    RECOMMENDATION = "recommendation", _("组织推荐")
    SCREENING = "screening", _("资格审查")
    REVIEW = "review", _("专家评审")
    VOTING = "voting", _("公众投票")
    INSPECTION = "inspection", _("差额考察")
    PUBLICITY = "publicity", _("提名公示")
