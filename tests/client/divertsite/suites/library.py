"""Library code that walks diverted relations: forms, the admin, Django REST framework."""

import unittest
from importlib.util import find_spec

from django import forms
from django.contrib.admin import ModelAdmin, site
from django.contrib.auth import get_user_model
from django.urls import reverse
from strangler.client.budget import call_budget
from tests.client.divertsite.clients import people_client
from tests.client.divertsite.people.models import Country, User
from tests.client.divertsite.shop.admin import OrderAdmin
from tests.client.divertsite.shop.models import Cart, Line, Order
from tests.client.divertsite.suites.values import Site


class OrderForm(forms.ModelForm):
    class Meta:
        model = Order
        fields = ["number", "user", "approved_by", "country"]


class CartForm(forms.ModelForm):
    class Meta:
        model = Cart
        fields = ["user"]


class Forms(Site):
    def test_shows_checks_and_saves(self):
        self.order.user  # noqa: B018
        shown = OrderForm(instance=self.order).as_p()
        self.assertIn(f'<option value="{self.rosa.pk}" selected>rosa</option>', shown)
        sent = {"number": "S9", "user": self.otto.pk, "approved_by": "", "country": "fr"}
        form = OrderForm(sent, instance=self.order)
        self.assertTrue(form.is_valid(), form.errors)
        saved = Order.objects.get(pk=form.save().pk)
        self.assertEqual((saved.user, saved.country.name), (self.otto, "France"))
        self.assertIn("user", OrderForm({"number": "S9", "user": 0, "country": "fr"}).errors)

    def test_a_value_as_initial(self):
        form = OrderForm(initial={"user": self.rosa.pk, "country": "de"})
        self.assertIn('<option value="de" selected>Germany</option>', form.as_p())

    def test_one_to_one(self):
        form = CartForm({"user": self.rosa.pk})
        self.assertTrue(form.is_valid(), form.errors)
        form.save()
        self.assertEqual(Cart.objects.get().user, self.rosa)
        self.assertIn("user", CartForm({"user": self.rosa.pk}).errors)
        form = CartForm({"user": ""}, instance=Cart.objects.get())
        form.fields["user"].required = False
        self.assertTrue(form.is_valid(), form.errors)
        self.assertIsNone(form.save().user)

    def test_inline_formsets_of_the_owner(self):
        formset = forms.inlineformset_factory(
            User, Order, fields=["number", "country"], fk_name="user", extra=0
        )
        shown = formset(instance=self.rosa_row)
        self.assertEqual([form.instance for form in shown.forms], [self.order])


class Admin(Site):
    def setUp(self):
        boss = get_user_model().objects.create_superuser("boss", "boss@example.com", "x")
        self.client.force_login(boss)

    def test_list_with_filters_and_search(self):
        page = self.client.get(
            reverse("admin:shop_order_changelist"),
            {"user__id__exact": self.rosa.pk, "q": "rosa@example.com"},
        )
        self.assertContains(page, ">S1<")
        self.assertContains(page, "Germany")
        self.assertNotContains(page, ">S2<")

    def test_a_search_by_ids_finds_what_joins_do(self):
        Order.objects.create(number="otto", user=self.rosa, approved_by=self.otto)
        Line.objects.create(order=self.other, company=self.acme_row)
        by_ids = ModelAdmin(Order, site)
        by_ids.search_fields = OrderAdmin.search_fields
        joined = ModelAdmin(Order, site)
        joined.search_fields = ["number", "user__email", "approved_by__email"]
        terms = (
            "rosa",
            "OTTO",
            "s1 rosa",
            "otto rosa",
            "example.com",
            "'rosa@'",
            "none",
            "% _",
            "",
        )
        for term in terms:
            found, wanted = (
                list(each.get_search_results(None, Order.objects.order_by("pk"), term)[0])
                for each in (by_ids, joined)
            )
            self.assertEqual(found, wanted, term)
        through_lines = f"order__{by_ids.search_fields[1]}"
        self.assertEqual(Line.objects.filter(**{through_lines: "rosa"}).get(), self.line)
        self.assertEqual(Line.objects.exclude(**{through_lines: "rosa"}).get().order, self.other)

    def test_form_with_autocomplete_and_raw_id(self):
        address = reverse("admin:shop_order_change", args=[self.order.pk])
        page = self.client.get(address)
        self.assertContains(page, "selected>rosa</option>")
        self.assertContains(page, "Germany")
        sent = {"number": "S7", "user": self.otto.pk, "approved_by": "", "country": "fr"}
        self.assertRedirects(
            self.client.post(address, sent), reverse("admin:shop_order_changelist")
        )
        self.assertEqual(Order.objects.get(pk=self.order.pk).user, self.otto)

    def test_autocomplete_answers(self):
        page = self.client.get(
            reverse("admin:autocomplete"),
            {"term": "rosa", "app_label": "shop", "model_name": "order", "field_name": "user"},
        )
        self.assertEqual(page.json()["results"], [{"id": str(self.rosa.pk), "text": "rosa"}])

    def test_deleting_asks_first_and_lists_what_goes_along(self):
        page = self.client.get(reverse("admin:people_user_delete", args=[self.rosa.pk]))
        self.assertContains(page, "S1 for rosa")
        self.client.post(reverse("admin:people_user_delete", args=[self.rosa.pk]), {"post": "yes"})
        self.assertFalse(Order.objects.filter(number="S1").exists())


@unittest.skipUnless(find_spec("rest_framework"), "Django REST framework is not installed")
class Rest(Site):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        from rest_framework import serializers

        class UserSerializer(serializers.ModelSerializer):
            class Meta:
                model = User
                fields = ["id", "email", "full_name", "country"]

        class OrderSerializer(serializers.ModelSerializer):
            user = UserSerializer(read_only=True)
            user_id = serializers.PrimaryKeyRelatedField(
                queryset=User.objects.all(), source="user", write_only=True
            )
            name = serializers.StringRelatedField(source="user")
            slug = serializers.SlugRelatedField(
                source="country", slug_field="name", queryset=Country.objects.all()
            )
            mail = serializers.EmailField(source="user.email", read_only=True)

            class Meta:
                model = Order
                fields = [
                    "number", "user", "user_id", "name", "mail", "country", "approved_by", "slug",
                ]  # fmt: skip

        cls.serializer = OrderSerializer

    def test_nested_text_slug_and_key_fields_show(self):
        with call_budget(2):
            orders = Order.objects.prefetch_related("user", "country").order_by("pk")
            data = self.serializer(orders, many=True).data
        self.assertEqual(
            dict(data[0], user=dict(data[0]["user"])),
            {
                "number": "S1",
                "user": {
                    "id": self.rosa.pk,
                    "email": "rosa@example.com",
                    "full_name": "Rosa",
                    "country": "de",
                },
                "name": "rosa",
                "mail": "rosa@example.com",
                "country": "de",
                "approved_by": None,
                "slug": "Germany",
            },
        )

    def test_key_fields_show_without_a_call_and_write(self):
        from rest_framework import serializers

        class Plain(serializers.ModelSerializer):
            class Meta:
                model = Order
                fields = ["number", "user", "country"]

        with call_budget(0):
            shown = Plain(Order.objects.get(pk=self.order.pk)).data
        self.assertEqual(shown, {"number": "S1", "user": self.rosa.pk, "country": "de"})
        given = Plain(data={"number": "S4", "user": self.otto.pk, "country": "fr"})
        self.assertTrue(given.is_valid(), given.errors)
        self.assertEqual(given.save().user, self.otto)
        self.assertFalse(Plain(data={"number": "S4", "user": 0, "country": "fr"}).is_valid())

    def test_a_value_may_be_given_to_save(self):
        from rest_framework import serializers

        class Plain(serializers.ModelSerializer):
            class Meta:
                model = Order
                fields = ["number"]

        given = Plain(data={"number": "S5"})
        given.is_valid(raise_exception=True)
        order = given.save(user=people_client.get_user(id=self.rosa.pk))
        self.assertEqual(Order.objects.get(pk=order.pk).user, self.rosa)
