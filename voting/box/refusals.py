"""Why the ballot tier takes no ballot: the sentences that `services.casting` has no need of."""

import random

from portal.errors import N_
from voting.services.casting import BallotRefused


class TierRefused(BallotRefused):
    """A refusal with a status of its own, and the seconds after which to try again."""

    def __init__(self, status: int, reason: str, message: str, *, retry: int = 0, **params):
        super().__init__(reason, message, **params)
        self.status, self.retry = status, retry


def host():
    return TierRefused(400, "host", N_("访问的网址不对，请从公布的网址打开投票页面。"))


def missing():
    return TierRefused(404, "missing", N_("没有找到这次投票，请从公布的网址打开投票页面。"))


def method():
    return TierRefused(405, "method", N_("选票只能从投票页面提交，请打开投票页面重新投票。"))


def origin():
    return TierRefused(403, "origin", N_("选票只能从投票页面提交，请打开投票页面重新投票。"))


def size():
    return TierRefused(413, "size", N_("提交的内容过长，请返回投票页面重新选择。"))


def shape():
    return TierRefused(422, "shape", N_("提交的内容不完整，请返回投票页面重新选择。"))


def forged():
    return TierRefused(403, "forged", N_("身份核验信息无效，请返回投票页面重新获取验证码。"))


def expired():
    return TierRefused(403, "expired", N_("身份核验已超过 30 分钟，请返回投票页面重新获取验证码。"))


def proof():
    return TierRefused(403, "proof", N_("安全校验没有通过，请刷新投票页面后重新提交。"))


def slow(seconds: int):
    return TierRefused(
        429, "slow", N_("未通过的次数过多，请 {seconds} 秒后再试。"), retry=seconds, seconds=seconds
    )


def busy():
    """Not "we have not got it": when the database went away in between, the ballot may be there."""
    sentence = N_("系统繁忙，暂时不能确认收到这张选票。请等几秒再提交一次，重复提交不会多计。")
    # Not all at the same moment.
    return TierRefused(503, "busy", sentence, retry=random.randint(2, 4))
