"""What may follow what: the whole procedure of S1 四.3, one transition a move, bodies empty.

Legality lives here, permission in `portal.permissions`, evidence in the services that call `advance`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, ConcurrentTransitionMixin, FSMField, FSMModelMixin, transition

from nominations.order import following, preceding, scored_last
from nominations.states import OPEN, State


def _after_screening(nomination) -> str:
    return following(State.SCREENING, nomination.edition.enabled)


def _before_publicity(nomination) -> str:
    return preceding(State.PUBLICITY, nomination.edition.enabled)


def _has_vote(nomination) -> bool:
    return State.VOTING in nomination.edition.enabled


def _ranked_for_a_visit(nomination) -> bool:
    enabled = nomination.edition.enabled
    return State.INSPECTION in enabled and nomination.state == scored_last(enabled)


def _at_the_last_step(nomination) -> bool:
    return nomination.state == _before_publicity(nomination)


class Workflow(ConcurrentTransitionMixin, FSMModelMixin, models.Model):
    state = FSMField(_("所处环节"), choices=State.choices, default=State.DRAFT, protected=True, db_index=True)

    class Meta:
        abstract = True

    def clean_fields(self, exclude=None):
        # A protected field refuses the assignment that cleaning makes.
        super().clean_fields({*(exclude or ()), "state"})

    @transition(state, source=State.DRAFT, target=State.RECOMMENDATION, custom={"label": _("提交")})
    def submit(self):
        """企业或推荐单位填报完毕，交推荐单位审核。"""

    @transition(state, source=State.RECOMMENDATION, target=State.SCREENING, custom={"label": _("推荐")})
    def recommend(self):
        """推荐单位审核同意，报办公室。"""

    @transition(
        state, source=[State.RECOMMENDATION, State.SCREENING], target=State.DRAFT, custom={"label": _("退回")}
    )
    def send_back(self):
        """退回补正，附理由和期限。"""

    @transition(state, source=State.DRAFT, target=State.SCREENING, custom={"label": _("补正")})
    def repair(self):
        """资格审查中退回的，补正后回到资格审查。"""

    @transition(
        state,
        source=State.SCREENING,
        target=GET_STATE(_after_screening, states=[State.REVIEW, State.VOTING]),
        custom={"label": _("资格合格")},
    )
    def qualify(self):
        """资格合格，列为候选，进入专家评审；本届不设专家评审的，进入公众投票。"""

    @transition(
        state,
        source=State.REVIEW,
        target=State.VOTING,
        conditions=[_has_vote],
        custom={"label": _("提名")},
    )
    def put_to_vote(self):
        """列为提名企业，进入公众投票。"""

    @transition(
        state,
        source=[State.REVIEW, State.VOTING],
        target=State.INSPECTION,
        conditions=[_ranked_for_a_visit],
        custom={"label": _("列入考察名单")},
    )
    def shortlist(self):
        """按 1∶1.2 列入考察名单。"""

    @transition(state, source=State.INSPECTION, target=State.SCREENING, custom={"label": _("转资格审查")})
    def refer(self):
        """考察发现的问题涉及推荐条件，转回资格审查，附理由。"""

    @transition(state, source=State.SCREENING, target=State.INSPECTION, custom={"label": _("复审合格")})
    def reinstate(self):
        """转回资格审查的，复审合格后回到差额考察。"""

    @transition(
        state,
        source=[State.REVIEW, State.VOTING, State.INSPECTION],
        target=State.PUBLICITY,
        conditions=[_at_the_last_step],
        custom={"label": _("公示")},
    )
    def publish(self):
        """考察合格，列入公示名单；本届不设考察的，按综合排序列入。"""

    @transition(
        state,
        source=State.PUBLICITY,
        target=GET_STATE(_before_publicity, states=[State.REVIEW, State.VOTING, State.INSPECTION]),
        custom={"label": _("撤下公示")},
    )
    def unpublish(self):
        """更正公示名单时撤下，附理由。"""

    @transition(state, source=State.PUBLICITY, target=State.NAMED, custom={"label": _("命名")})
    def honour(self):
        """公示无异议，命名。"""

    @transition(
        state,
        source=[State.SCREENING, State.REVIEW, State.VOTING, State.INSPECTION, State.PUBLICITY],
        target=State.REJECTED,
        custom={"label": _("不予通过")},
    )
    def reject(self):
        """在本环节止步，附理由。"""

    @transition(state, source=list(OPEN), target=State.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self):
        """申报方或推荐单位撤回。"""


class MachineQuerySet(models.QuerySet):
    """A query set that cannot go past the machine."""

    def update(self, **kwargs):
        if "state" in kwargs:
            raise TypeError("The state moves only through nominations.services.advance.")
        return super().update(**kwargs)
