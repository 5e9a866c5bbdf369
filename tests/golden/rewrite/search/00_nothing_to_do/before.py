from django.contrib import admin

from shop.models import Line, Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    search_fields = ("total", "user", "=user__id", "user_id", "lines__id", "@user__name")


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    search_fields = ("order__user__profile__points", "packed_by__addresses__city")

    def note(self):
        return "packed_by__email"


class NotAnAdmin:
    search_fields = ("user__email",)
