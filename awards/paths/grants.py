from django.urls import path

from awards.views import grants

urlpatterns = [
    path("grants/<int:pk>/", grants.grant, name="grant"),
    path("grants/<int:pk>/disburse/", grants.disburse, name="disburse"),
    path("grants/<int:pk>/expense/", grants.expense, name="expense"),
    path("grants/<int:pk>/table/", grants.grant_export, name="grant_export"),
    path("editions/<int:pk>/grants/table/", grants.grants_export, name="grants_export"),
    path("expenses/<int:pk>/reverse/", grants.reverse_expense, name="reverse_expense"),
    path("vouchers/<int:pk>/", grants.voucher, name="voucher"),
]
