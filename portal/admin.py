"""The operators' back room for the ground: people, offices, working days; the record only to read."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from import_export import resources

from portal import audit
from portal.backroom import ReadOnly, Recorded, ToExcel
from portal.models import AuditEntry, CalendarYear, Membership, Notification, Organisation, User


class OrganisationResource(resources.ModelResource):
    class Meta:
        model = Organisation
        fields = ("code", "name", "short_name", "kind", "division_code", "division_name", "active")


@admin.register(Organisation)
class OrganisationAdmin(Recorded, ToExcel, admin.ModelAdmin):
    resource_classes = [OrganisationResource]
    list_display = ["name", "code", "kind", "parent", "division_name", "active"]
    list_filter = ["kind", "active"]
    list_select_related = ["parent"]
    search_fields = ["name", "short_name", "code"]
    autocomplete_fields = ["parent"]


class UserResource(resources.ModelResource):
    """People without what identifies them elsewhere: no password, no address."""

    class Meta:
        model = User
        fields = ("username", "full_name", "is_active", "is_staff", "last_login")


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["organisation"]

    def has_delete_permission(self, request, obj=None):
        return False


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class UserCreationForm(AdminUserCreationForm):
    full_name = forms.CharField(label=_("姓名"), max_length=60)

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "full_name")


@admin.register(User)
class UserAdmin(Recorded, ToExcel, DjangoUserAdmin):
    resource_classes = [UserResource]
    form, add_form = UserForm, UserCreationForm
    inlines = [MembershipInline]
    list_display = ["username", "full_name", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "memberships__role"]
    search_fields = ["username", "full_name"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("人员"), {"fields": ["full_name", "email"]}),
        (_("权限"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "full_name", "usable_password", "password1", "password2"],
            },
        )
    ]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    @transaction.atomic
    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        for hat in (*formset.new_objects, *(hat for hat, _fields in formset.changed_objects)):
            audit.record(
                "portal.manage_people",
                hat,
                by=request.hat,
                now=timezone.now(),
                role=hat.role,
                organisation=hat.organisation.name if hat.organisation else "",
                active=hat.active,
            )


class MembershipResource(resources.ModelResource):
    class Meta:
        model = Membership
        fields = ("user__username", "user__full_name", "role", "organisation__name", "active")


@admin.register(Membership)
class MembershipAdmin(Recorded, ToExcel, admin.ModelAdmin):
    resource_classes = [MembershipResource]
    list_display = ["user", "role", "organisation", "active"]
    list_filter = ["role", "active"]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__username", "user__full_name", "organisation__name"]
    autocomplete_fields = ["user", "organisation"]


class CalendarResource(resources.ModelResource):
    class Meta:
        model = CalendarYear
        import_id_fields = ("year",)


@admin.register(CalendarYear)
class CalendarYearAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    """Read here; entered on the office's own page, where the rule of the calendar is asked."""

    resource_classes = [CalendarResource]
    list_display = ["year", "source", "provisional"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    list_display = ["at", "act", "actor_name", "role", "organisation_name", "subject_label"]
    list_filter = ["role", "act"]
    search_fields = ["actor_name", "subject_label"]
    date_hierarchy = "at"
    show_full_result_count = False

    def get_queryset(self, request):
        entries = super().get_queryset(request)
        return entries.open_to(request.hat) if request.hat is not None else entries.none()


@admin.register(Notification)
class NotificationAdmin(ReadOnly, ToExcel, admin.ModelAdmin):
    list_display = ["created_at", "recipient", "channel", "subject", "state", "attempts", "error"]
    list_filter = ["state", "channel"]
    list_select_related = ["recipient"]
    search_fields = ["subject", "recipient__full_name"]
