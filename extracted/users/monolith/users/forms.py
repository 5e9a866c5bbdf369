"""Forms of the users pages."""

from django import forms
from django.core.exceptions import ValidationError

from monolith.users import services
from monolith.users.models import User


class RegisterForm(forms.Form):
    """Registration on the page; the rules are the service's, as in the API."""

    first_name = forms.CharField(max_length=80, required=False)
    last_name = forms.CharField(max_length=80, required=False)
    email = forms.EmailField(max_length=254)
    password = forms.CharField(
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def register(self) -> User | None:
        """Create the account, or put the service's complaints on the form and return None."""
        try:
            return services.user_register(**self.cleaned_data)
        except ValidationError as error:
            self.add_error(None, error)
            return None
