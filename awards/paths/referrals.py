from django.urls import path

from awards.views import referrals, visit_reports

urlpatterns = [
    path("editions/<int:pk>/referrals/", referrals.referrals, name="referrals"),
    path("referrals/<int:pk>/", referrals.referral, name="referral"),
    path("inspections/<int:pk>/dispose/", referrals.dispose, name="dispose"),
    path("inspections/<int:pk>/refer/", referrals.refer, name="refer"),
    path("inspections/<int:pk>/reopen/", referrals.reopen, name="reopen_visit"),
    path("inspections/<int:pk>/report.docx", visit_reports.report_docx, name="visit_report"),
    path("inspections/<int:pk>/report.pdf", visit_reports.report_pdf, name="visit_report_pdf"),
]
