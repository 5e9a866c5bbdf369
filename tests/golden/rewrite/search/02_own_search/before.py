from django.contrib import admin

from shop.models import Line, Order


class Searching(admin.ModelAdmin):
    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, search_term.strip("#"))


@admin.register(Order)
class OrderAdmin(Searching):
    search_fields = ("user__email",)

    def get_search_fields(self, request):
        return self.search_fields if request.user.is_superuser else ()


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):
    names = ("packed_by__email",)
    search_fields = names
