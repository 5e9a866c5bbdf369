"""What anyone may read of a user; other apps nest it in their own answers."""

from rest_framework import serializers

from monolith.users.models import User


class PublicUserSerializer(serializers.ModelSerializer):
    """A user as other customers see them."""

    name = serializers.CharField(source="public_name", read_only=True)

    class Meta:
        model = User
        fields = ("id", "name")
