from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class AdminSite(admin.AdminSite):
    site_header = site_title = _("选树：后台")
    index_title = _("数据一览")

    def get_urls(self):
        self.login = secure_admin_login(super().login)
        return super().get_urls()
