from django.contrib import admin

from shop.models import Line, Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    search_fields = ("id",)


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    search_fields = ("id",)
