from django.urls import path

from awards.views import grants, honours, objections, publicity

urlpatterns = [
    # ⑥ 提名公示
    path("editions/<int:pk>/publicity/", publicity.publicity, name="publicity"),
    path("editions/<int:pk>/publicity/publish/", publicity.publish_notice, name="publish_notice"),
    path("editions/<int:pk>/publicity/replace/", publicity.publish_replacement, name="publish_replacement"),
    path("notices/<int:pk>/", publicity.notice, name="notice"),
    path("notices/<int:pk>/document/", publicity.notice_document, name="notice_document"),
    path("notices/<int:pk>/table/", publicity.notice_export, name="notice_export"),
    # 异议
    path("notices/<int:pk>/object/", objections.object_, name="object"),
    path("objections/status/", objections.objection_status, name="objection_status"),
    path("editions/<int:pk>/objections/", objections.objections, name="objections"),
    path("objections/<int:pk>/", objections.objection, name="objection"),
    path("objections/<int:pk>/person/", objections.objection_person, name="objection_person"),
    path("objections/<int:pk>/evidence/", objections.objection_evidence, name="objection_evidence"),
    # 命名
    path("editions/<int:pk>/name/", honours.name, name="name"),
    path("editions/<int:pk>/honours/", honours.honours, name="honours"),
    path("editions/<int:pk>/honours/table/", honours.honours_export, name="honours_export"),
    path("honours/<int:pk>/medal/", honours.honour_medal, name="honour_medal"),
    path("honours/<int:pk>/flags/", honours.honour_flags, name="honour_flags"),
    path("honours/<int:pk>/revoke/", honours.honour_revoke, name="honour_revoke"),
    path("registry/", honours.registry, name="registry"),
    # 资助资金
    path("grants/<int:pk>/", grants.grant, name="grant"),
    path("grants/<int:pk>/disburse/", grants.disburse, name="disburse"),
    path("grants/<int:pk>/expense/", grants.expense, name="expense"),
    path("grants/<int:pk>/table/", grants.grant_export, name="grant_export"),
    path("editions/<int:pk>/grants/table/", grants.grants_export, name="grants_export"),
    path("expenses/<int:pk>/reverse/", grants.reverse_expense, name="reverse_expense"),
    path("expenses/<int:pk>/voucher/", grants.voucher, name="voucher"),
]
