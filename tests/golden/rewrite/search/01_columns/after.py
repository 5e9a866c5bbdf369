from clients import users_client
from django.contrib import admin

from shop.models import Line, Order
from strangler.client.searching import asked


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    search_fields = ("total", asked("user", users_client.find_user_ids_by_email_icontains), asked("user", users_client.find_user_ids_by_profile__phone_istartswith), asked("address", users_client.find_address_ids_by_city_iexact))


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    search_fields = [
        asked("order__user", users_client.find_user_ids_by_name_icontains),  # who ordered
        asked('packed_by', users_client.find_user_ids_by_email_iexact),
    ]
