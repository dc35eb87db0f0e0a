from django.urls import path

from awards.views import publicity

urlpatterns = [
    path("editions/<int:pk>/publicity/", publicity.publicity, name="publicity"),
    path("editions/<int:pk>/publicity/publish/", publicity.publish_notice, name="publish_notice"),
    path("editions/<int:pk>/publicity/replace/", publicity.publish_replacement, name="publish_replacement"),
    path("notices/<int:pk>/", publicity.notice, name="notice"),
    path("notices/<int:pk>/document/", publicity.notice_document, name="notice_document"),
    path("notices/<int:pk>/table/", publicity.notice_export, name="notice_export"),
]
