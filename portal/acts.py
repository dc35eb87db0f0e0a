"""What the record calls each act, in the office's own words."""

from django.utils.translation import gettext as _

from portal.errors import N_

WORDS = {
    # the ground
    "portal.lay_ground": N_("建立基础数据"),
    "portal.read_record": N_("查阅留痕记录"),
    "portal.see_failed_notifications": N_("处理未送达的通知"),
    "portal.manage_calendar": N_("维护工作日历"),
    "portal.manage_people": N_("维护单位和人员"),
    "portal.check_record": N_("核对留痕记录"),
    "portal.send_again": N_("重新发送通知"),
    # editions
    "nominations.create_edition": N_("设立届次"),
    "nominations.change_edition": N_("修改届次设置"),
    "nominations.publish_edition": N_("发布届次"),
    "nominations.freeze_rules": N_("冻结评选规则"),
    "nominations.set_quota": N_("设定推荐名额"),
    "nominations.close_step": N_("关闭环节"),
    "nominations.close_recommendation": N_("关闭组织推荐环节"),
    "nominations.conclude": N_("办结本届"),
    "nominations.manage_register": N_("维护企业和类别"),
    # ① 推荐
    "nominations.import": N_("导入推荐汇总表"),
    "nominations.create": N_("建立推荐"),
    "nominations.edit": N_("填写申报内容"),
    "nominations.attach": N_("上传佐证"),
    "nominations.void_evidence": N_("作废佐证"),
    "nominations.rank": N_("调整推荐排序"),
    "nominations.submit": N_("提交"),
    "nominations.repair": N_("补正后提交"),
    "nominations.recommend": N_("推荐"),
    "nominations.send_back": N_("退回补正"),
    "nominations.withdraw": N_("撤回"),
    "nominations.export": N_("导出推荐汇总表"),
    # ② 资格审查
    "review.consult": N_("征求部门意见"),
    "review.send_batch": N_("送部门联审"),
    "review.answer": N_("反馈部门意见"),
    "review.attach_proof": N_("上传核查依据"),
    "review.chase": N_("催办部门意见"),
    "review.issue_link": N_("签发答复链接"),
    "review.use_link": N_("提交全部答复"),
    "review.revoke_link": N_("撤销答复链接"),
    "review.find": N_("登记审查结果"),
    "review.close_screening": N_("关闭资格审查环节"),
    "nominations.qualify": N_("资格合格，列为候选企业"),
    "nominations.reject": N_("不予通过"),
    # ③ 专家评审
    "review.seat_panel": N_("组建专家组"),
    "review.assign": N_("分配评审任务"),
    "review.recuse": N_("回避"),
    "review.declare": N_("声明无须回避"),
    "review.score": N_("评分"),
    "review.close_review": N_("关闭专家评审环节"),
    "review.see_scores": N_("查阅评分"),
    "nominations.put_to_vote": N_("列为提名企业，进入公众投票"),
    # ④ 公众投票
    "voting.set_up_poll": N_("设置投票"),
    "voting.open_poll": N_("开启投票"),
    "voting.close_poll": N_("关闭投票"),
    "voting.pause_poll": N_("暂停或恢复投票"),
    "voting.cast": N_("投票"),
    "voting.import_ballots": N_("导入选票"),
    "voting.quarantine": N_("隔离或恢复异常票"),
    "voting.see_totals": N_("查阅票数"),
    # ⑤ 差额考察
    "awards.draw_shortlist": N_("计算考察名单"),
    "awards.ask_shortlist": N_("申请计算考察名单"),
    "nominations.shortlist": N_("列入考察名单"),
    "awards.plan_inspection": N_("安排考察"),
    "awards.assign_team": N_("指派考察组"),
    "awards.save_draft": N_("暂存考察记录"),
    "awards.add_photo": N_("上传考察照片"),
    "awards.apply_inspections": N_("导入考察记录"),
    "awards.record_inspection": N_("登记考察结果"),
    "awards.close_inspection": N_("关闭差额考察环节"),
    # ⑥ 公示, 命名
    "awards.publish_notice": N_("发布公示"),
    "nominations.publish": N_("列入公示名单"),
    "awards.lodge_objection": N_("提出异议"),
    "awards.handle_objection": N_("处理异议"),
    "awards.accept_objection": N_("受理异议"),
    "awards.decline_objection": N_("不予受理异议"),
    "awards.decide_objection": N_("作出异议结论"),
    "awards.answer_objection": N_("答复异议人"),
    "awards.read_evidence": N_("查阅异议材料"),
    "awards.read_objector": N_("查阅异议人信息"),
    "awards.notice_ended": N_("公示期满"),
    "awards.name": N_("办理命名"),
    "nominations.honour": N_("命名"),
    "awards.set_medal": N_("登记五一劳动奖章人选"),
    "awards.set_flags": N_("标注劳模和省级推荐"),
    "awards.revoke_honour": N_("撤销命名"),
    "awards.disburse": N_("拨付资助资金"),
    "awards.record_expense": N_("登记资金支出"),
    "awards.export": N_("导出名单"),
}


def act_word(act: str) -> str:
    """The words of an act in the reader's language; an act without words shows its own name."""
    return _(WORDS[act]) if act in WORDS else act
