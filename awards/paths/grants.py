from django.urls import path

from awards.views import grant_board, grants, plans, quarter_reports

urlpatterns = [
    path("grants/", grant_board.grants, name="grants"),
    path("editions/<int:pk>/grants/", grant_board.edition_grants, name="edition_grants"),
    path("editions/<int:pk>/grants/table/", grants.grants_export, name="grants_export"),
    path("grants/<int:pk>/", grants.grant, name="grant"),
    path("grants/<int:pk>/disburse/", grants.disburse, name="disburse"),
    path("grants/<int:pk>/expense/", grants.expense, name="expense"),
    path("grants/<int:pk>/repay/", grants.repay, name="repay"),
    path("grants/<int:pk>/close/", grants.close_grant, name="close_grant"),
    path("grants/<int:pk>/table/", grants.grant_export, name="grant_export"),
    path("grants/<int:pk>/plan/", plans.plan_grant, name="plan_grant"),
    path("plans/<int:pk>/", plans.grant_plan, name="grant_plan"),
    path("reports/<int:pk>/", quarter_reports.quarter_report, name="quarter_report"),
    path("disbursements/<int:pk>/reverse/", grants.reverse_disbursement, name="reverse_disbursement"),
    path("disbursements/<int:pk>/receipt/", grants.disbursement_receipt, name="disbursement_receipt"),
    path("repayments/<int:pk>/reverse/", grants.reverse_repayment, name="reverse_repayment"),
    path("repayments/<int:pk>/receipt/", grants.repayment_receipt, name="repayment_receipt"),
    path("expenses/<int:pk>/reverse/", grants.reverse_expense, name="reverse_expense"),
    path("vouchers/<int:pk>/", grants.voucher, name="voucher"),
]
