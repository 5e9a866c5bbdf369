from django.contrib import admin

from shop.models import Line, Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    search_fields = ("total", "user__email", "^user__profile__phone", "=address__city")


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    search_fields = [
        "order__user__name",  # who ordered
        'packed_by__email__iexact',
    ]
