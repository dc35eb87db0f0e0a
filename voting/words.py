"""What the script of the voting page says; it stands in the page, so that the script knows no language."""

from django.utils.translation import gettext_lazy as _

BOOTH = {
    "picked": _("已选 {n} 家，还可选 {left} 家"),
    "short": _("已选 {n} 家，至少选 {least} 家"),
    "full": _("已选 {n} 家，已选满"),
    "too_few": _("您选了 {n} 家，每张选票至少选 {least} 家，请补选后再继续。"),
    "too_many": _("每张选票最多选 {most} 家。要换一家，请先取消已选的一家。"),
    "chosen": _("您选了这 {n} 家"),
    "number": _("{n} 号"),
    "countdown": _("距截止还有 {m} 分 {s} 秒"),
    "closed": _("投票已经截止，不再受理。截止以服务器时间为准。"),
    "waiting": _("投票还没有开始，请在投票时间内再来。"),
    "paused": _("投票已暂停，暂不收票，请稍后再来。"),
    "no_phone": _("请填写手机号码。"),
    "no_code": _("请填写短信中的 6 位验证码。"),
    "computing": _("正在做一次防刷计算，请稍等几秒。"),
    "sending_code": _("正在发送验证码。"),
    "sent": _("验证码已发到 {phone}，10 分钟内有效。"),
    "again_in": _("{s} 秒后可以重新获取"),
    "again": _("重新获取验证码"),
    "checking": _("正在核对验证码。"),
    "casting": _("正在提交选票，请不要关闭本页。"),
    "unanswered": _("还没有收到答复。{s} 秒后自动用同一张选票再提交，重复提交不会多计。"),
    "busy": _("系统繁忙，这张选票还没有收到。{s} 秒后自动再提交，重复提交不会多计。"),
    "offline": _("网络没有连上，请检查网络后再试。"),
    "failed": _("没有成功，请稍后再试。"),
    "too_slow": _("这部手机没有算完，请关闭其他应用后再试，或换一部手机。"),
    "insecure": _("当前网址不是加密连接，这部手机不能做防刷计算，已跳过这一步。"),
    "verified": _("手机号码已经核对，不需要再获取验证码。"),
    "expired": _("身份核验已失效，请重新获取验证码。"),
    "cast": _("投出这张选票"),
    "prove": _("下一步，核对手机号码"),
}

RECEIPT = {
    "copied": _("已复制"),
    "not_copied": _("没有复制成功，请长按下面的文字自己复制。"),
    "kept": _("完整回执保存在这部手机的浏览器里。清除浏览数据会丢失，请另外保存一份。"),
    "not_kept": _("这个浏览器不保存数据，请现在就保存完整回执。"),
    "number": _("{n} 号"),
    "file": _("投票回执"),
}
