from django.urls import path

from awards.feeds import notice_feed
from awards.views import looks, notices, publicity, renaming, templates

urlpatterns = [
    path("editions/<int:pk>/publicity/", publicity.publicity, name="publicity"),
    path("editions/<int:pk>/publicity/publish/", publicity.publish_notice, name="publish_notice"),
    path("editions/<int:pk>/publicity/replace/", publicity.publish_replacement, name="publish_replacement"),
    path("editions/<int:pk>/looks/", looks.look_list, name="looks"),
    path("nominations/<int:pk>/found/", looks.refuse_found, name="refuse_found"),
    path("looks/<int:pk>/paper/", looks.look_paper, name="look_paper"),
    path("notices/", notices.notices, name="notices"),
    path("notices/feed/", notice_feed, name="notice_feed"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("notices/<int:pk>/correct/", publicity.correct_notice, name="correct_notice"),
    path("nominations/<int:pk>/rename/", renaming.rename, name="rename"),
    path("notices/<int:pk>/document/", notices.notice_document, name="notice_document"),
    path("notices/<int:pk>/print/", notices.notice_print, name="notice_print"),
    path("notices/<int:pk>/table/", notices.notice_export, name="notice_export"),
    path("templates/", templates.template_list, name="templates"),
    path("templates/<slug:kind>/", templates.template_kind, name="template_kind"),
    path("templates/<slug:kind>/<int:version>/source/", templates.template_source, name="template_source"),
    path("templates/<slug:kind>/<int:version>/example/", templates.template_example, name="template_example"),
    path("templates/<slug:kind>/<int:version>/use/", templates.template_use, name="template_use"),
]
