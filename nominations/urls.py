from django.urls import path

from nominations.views import (
    conflicts,
    declaring,
    desk,
    editions,
    evidence,
    handing_in,
    importing,
    papers,
    quotas,
    ranking,
    recommending,
    records,
    returning,
)

app_name = "nominations"

_EDITION = "editions/<int:pk>/"
_LIST = f"{_EDITION}nominations/"
_ONE = "nominations/<int:pk>/"

urlpatterns = [
    path("editions/", editions.list_all, name="editions"),
    path("editions/new/", editions.new, name="edition_new"),
    path(_EDITION, editions.show, name="edition"),
    path(f"{_EDITION}settings/", editions.edit, name="edition_edit"),
    path(f"{_EDITION}publish/", editions.publish, name="edition_publish"),
    path(f"{_EDITION}quotas/", quotas.numbers, name="quotas"),
    path(f"{_EDITION}conclude/", editions.conclude, name="conclude"),
    path(_LIST, desk.desk, name="desk"),
    path(f"{_LIST}new/", declaring.new, name="nomination_new"),
    path(f"{_LIST}look-up/", declaring.look_up, name="look_up"),
    path(f"{_LIST}rank/", ranking.rank, name="rank"),
    path(f"{_LIST}recommend/", recommending.recommend, name="recommend"),
    path(f"{_LIST}close/", editions.close_recommendation, name="close_recommendation"),
    path(f"{_LIST}import/", importing.upload, name="import"),
    path(f"{_LIST}import/<int:kept>/", importing.preview, name="import_preview"),
    path(f"{_LIST}form/", importing.blank, name="import_form"),
    path(f"{_LIST}export/", importing.export, name="export"),
    path(f"{_LIST}report.docx", papers.report_docx, name="report_docx"),
    path(_ONE, records.record, name="nomination"),
    path(f"{_ONE}form.docx", papers.form_docx, name="form_docx"),
    path(f"{_ONE}form.pdf", papers.form_pdf, name="form_pdf"),
    path(f"{_ONE}form/", papers.form_print, name="form_print"),
    path(f"{_ONE}edit/", declaring.edit, name="nomination_edit"),
    path(f"{_ONE}autosave/", declaring.autosave, name="autosave"),
    path(f"{_ONE}conflict/", conflicts.conflict, name="conflict"),
    path(f"{_ONE}take-over/", declaring.take_over, name="take_over"),
    path(f"{_ONE}evidence/", evidence.attach, name="attach"),
    path(f"{_ONE}submit/", handing_in.submit, name="submit"),
    path(f"{_ONE}send-back/", returning.send_back, name="send_back"),
    path(f"{_ONE}withdraw/", handing_in.withdraw, name="withdraw"),
    path(f"{_ONE}evidence/view/", evidence.view, name="evidence_view"),
    path("evidence/<int:pk>/", evidence.download, name="evidence"),
    path("evidence/<int:pk>/thumbnail/", evidence.thumbnail, name="evidence_thumbnail"),
    path("evidence/<int:pk>/pages/<int:number>/", evidence.page, name="evidence_page"),
    path("evidence/<int:pk>/replace/", evidence.replace, name="evidence_replace"),
    path("evidence/<int:pk>/void/", evidence.void, name="evidence_void"),
    path("enterprises/<int:pk>/", records.enterprise, name="enterprise"),
]
