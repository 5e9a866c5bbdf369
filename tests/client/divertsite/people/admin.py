"""The admin of people, which autocompletes users for others."""

from django.contrib import admin
from tests.client.divertsite.people.models import Country, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    search_fields = ["email"]
    ordering = ["id"]


admin.site.register(Country)
