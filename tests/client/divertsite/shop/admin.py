"""The admin of the shop: its pages show, filter, search and edit diverted relations."""

from django.contrib import admin
from strangler.client.searching import asked
from tests.client.divertsite.clients import people_client
from tests.client.divertsite.shop.models import Line, Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "user", "country", "email"]
    list_filter = ["user", "country"]
    search_fields = [
        "number",
        asked("user", people_client.find_user_ids_by_email_icontains),
        asked("approved_by", people_client.find_user_ids_by_email_icontains),
    ]
    autocomplete_fields = ["user"]
    raw_id_fields = ["country"]

    def email(self, order):
        return order.user.email


admin.site.register(Line)
