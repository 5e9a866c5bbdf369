"""Forms of the order pages."""

from django import forms

from monolith.users.models import Address


class DeliveryAddressForm(forms.ModelForm):
    """A new address for an order that has not left yet; it joins the customer's address book."""

    class Meta:
        model = Address
        fields = ("label", "line1", "line2", "city", "postcode", "country")
