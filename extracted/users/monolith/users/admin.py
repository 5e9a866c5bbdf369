"""Admin of users; its inlines reach into orders and payments by the models' names."""

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from monolith.users.models import Address, Profile, User


class UserAddForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)
        field_classes = {}


class UserEditForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes = {}


class ProfileInline(admin.StackedInline):
    model = Profile
    can_delete = False
    autocomplete_fields = ("favourite_products",)


class AddressInline(admin.TabularInline):
    model = Address
    extra = 0


class OrderInline(admin.TabularInline):
    """The user's orders, to look at; they are changed in their own admin."""

    model = apps.get_model("orders.Order")
    fields = readonly_fields = ("number", "status", "total", "currency", "placed_at")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False


class PaymentMethodInline(admin.TabularInline):
    model = apps.get_model("payments", "PaymentMethod")
    fields = ("kind", "brand", "last4", "is_default")
    readonly_fields = ("kind", "brand", "last4")
    extra = 0

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserEditForm
    add_form = UserAddForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_staff", "loyalty_points")
    list_filter = ("is_staff", "is_active", "orders__status")
    list_select_related = ("profile",)
    search_fields = ("email", "first_name", "last_name", "orders__number")
    inlines = (ProfileInline, AddressInline, OrderInline, PaymentMethodInline)
    fieldsets = (
        (None, {"fields": ("email", "password", "first_name", "last_name")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    filter_horizontal = ("groups",)

    def get_inlines(self, request, obj):
        """A user being added has a profile only after the first save."""
        return self.inlines if obj else ()

    @admin.display(ordering="profile__loyalty_points")
    def loyalty_points(self, user: User) -> int:
        return user.profile.loyalty_points
