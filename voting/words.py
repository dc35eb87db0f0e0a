"""What the scripts of the public pages say; it stands in the page, so that they know no language."""

from django.utils.translation import gettext_lazy as _

from nominations import subjects

#: Of so many that are selected: their places are filled with a number and what it counts (家, 项 …).
COUNTING = ("picked", "short", "full", "too_few", "too_many", "chosen")
PLACES = ("n", "left", "least", "most")
BOOTH = {
    "picked": _("已选 {n}，还可选 {left}"),
    "short": _("已选 {n}，至少选 {least}"),
    "full": _("已选 {n}，已选满"),
    "too_few": _("您选了 {n}，每张选票至少选 {least}，请补选后再继续。"),
    "too_many": _("每张选票最多选 {most}。要换，请先取消一个已选的。"),
    "chosen": _("您选了这 {n}"),
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
    "unanswered": _("还没有收到答复。本页会自动用同一张选票再提交，重复提交不会多计。"),
    "busy": _("系统繁忙，暂时不能确认收到这张选票。本页会自动再提交，重复提交不会多计。"),
    "left": _("{s} 秒后再提交"),
    "asking": _("上次提交的选票没有等到答复，正在核实是否收到，请不要关闭本页。"),
    "offline": _("网络没有连上，请检查网络后再试。"),
    "failed": _("没有成功，请稍后再试。"),
    "too_slow": _("这部手机没有算完，请关闭其他应用后再试，或换一部手机。"),
    "insecure": _("当前网址不是加密连接，这部手机不能做防刷计算，已跳过这一步。"),
    "verified": _("手机号码已经核对，不需要再获取验证码。"),
    "cast": _("投出这张选票"),
    "prove": _("下一步，核对手机号码"),
}

RECEIPT = {
    "copied": _("已复制"),
    "not_copied": _("没有复制成功，请长按下面的文字自己复制。"),
    "code_not_copied": _("没有复制成功，请长按上面的回执号自己复制。"),
    "kept": _("完整回执保存在这部手机的浏览器里。清除浏览数据会丢失，请另外保存一份。"),
    "not_kept": _("这个浏览器不保存数据，请现在就保存完整回执。"),
    "number": _("{n} 号"),
    "file": _("投票回执"),
}

VERIFY = {
    "ok": _("通过"),
    "bad": _("不通过"),
    "undone": _("没有查"),
    "all_good": _("全部通过"),
    "not_good": _("有不符之处"),
    "mine_good": _("您的选票在已签名的记录中"),
    "where": _("{file} 第 {line} 行"),
    "more": _("还有 {n} 处"),
    "counts": _("收到 {cast} 张，隔离 {set_aside} 张，有效 {valid} 张"),
    "logged": _("这张选票在记录的第 {line} 张；检查点已有 {size} 张。"),
    "line": _("这张选票在第 {line} 行"),
    "picked": _("所选：{picks}"),
    "counted": _("已计入结果"),
    "aside": _("没有计入，已隔离：{why}"),
    "later": _("是否计入，计票后凭全部公开记录查验。"),
    "number": _("{n} 号"),
    "working": _("正在查验，请不要关闭本页。"),
    "progress": _("已读 {done} MB，共 {all} MB"),
    "read": _("已读 {done} MB"),
    "own_key": _(
        "用的是本网站自己说的公钥。改得了记录的人也改得了它，请与正式公告核对，或在下面填写公告上的公钥。"
    ),
    "slow": _("这个浏览器没有 Ed25519，签名由本页自己的程序核对，检查点多时会慢一些。"),
    "no_receipt": _("这不是一份完整回执。请粘贴完整回执的文字或网址，或选择保存的回执文件。"),
    "no_files": _("请选择 ballots.txt、cases.jsonl、checkpoints.txt、tally.json、statement.txt 五个文件。"),
    "no_poll": _("请选择一次投票，或选择下载的文件。"),
    "offline": _("没有取到记录，请检查网络后再试。"),
    "failed": _("没有查完：{why}"),
}


def booth_words(edition) -> dict[str, str]:
    """What the script of the booth says of this edition's candidates, in the reader's language."""
    words = {name: str(sentence) for name, sentence in BOOTH.items()}
    for name in COUNTING:
        for place in PLACES:
            slot = f"{{{place}}}"
            words[name] = words[name].replace(slot, subjects.measured(edition, slot))
    return words
