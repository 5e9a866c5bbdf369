from django.contrib import admin

from shop.models import Line, Order, Parcel


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    search_fields = ("id",)


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    search_fields = ("id",)


@admin.register(Parcel)
class ParcelAdmin(admin.ModelAdmin):
    search_fields = ("id",)


class SentAdmin(ParcelAdmin):
    search_fields = ("id",)
