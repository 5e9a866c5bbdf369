"""The app of AUTH_USER_MODEL where the accounts are kept elsewhere."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Has a user model without a table, so that `get_user_model()` has an answer."""

    name = "strangler.client.accounts"
    label = "strangler_accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"
