"""The admin of the shop: its pages show, filter, search and edit diverted relations."""

from django.contrib import admin
from tests.client.divertsite.shop.models import Line, Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "user", "country", "email"]
    list_filter = ["user", "country"]
    search_fields = ["number", "user__email"]
    autocomplete_fields = ["user"]
    raw_id_fields = ["country"]

    def email(self, order):
        return order.user.email


admin.site.register(Line)
