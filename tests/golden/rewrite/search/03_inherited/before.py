from django.contrib import admin

from shop.models import Parcel


@admin.register(Parcel)
class ParcelAdmin(admin.ModelAdmin):
    search_fields = ("sender__email",)


class SentAdmin(ParcelAdmin):
    def get_queryset(self, request):
        return super().get_queryset(request).distinct()
