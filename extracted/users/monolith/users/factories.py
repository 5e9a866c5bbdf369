"""Users, profiles and addresses made up for tests and the seed."""

import factory
from django.contrib.auth.hashers import make_password

from monolith.users.models import Address, Profile, User

DEFAULT_PASSWORD = "correct horse battery"  # noqa: S105 -- a made-up user's, never a real one's


class UserFactory(factory.django.DjangoModelFactory):
    """A user whose profile is created by the signal; pass `password` for another one."""

    class Meta:
        model = User

    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    email = factory.Sequence(lambda n: f"user{n}@shop.test")
    password = factory.LazyFunction(lambda: make_password(DEFAULT_PASSWORD))

    class Params:
        staff = factory.Trait(is_staff=True)


class ProfileFactory(factory.django.DjangoModelFactory):
    """A profile to build; creating its user already creates one."""

    class Meta:
        model = Profile
        django_get_or_create = ("user",)

    user = factory.SubFactory(UserFactory)
    phone = factory.Faker("numerify", text="+49 30 #######")
    birth_date = factory.Faker("date_of_birth", minimum_age=18, maximum_age=90)
    marketing_opt_in = factory.Faker("boolean", chance_of_getting_true=30)
    loyalty_points = factory.Faker("random_int", min=0, max=2000, step=10)


class AddressFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Address

    user = factory.SubFactory(UserFactory)
    label = factory.Faker("random_element", elements=("Home", "Work", "Parents"))
    line1 = factory.Faker("street_address")
    city = factory.Faker("city")
    postcode = factory.Faker("numerify", text="#####")
    country = factory.Faker("random_element", elements=("DE", "AT", "FR", "NL"))
