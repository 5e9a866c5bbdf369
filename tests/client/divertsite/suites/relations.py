"""Diverted relations: reading, assigning, saving, prefetching, validating."""

import os
import pickle
import unittest
from io import StringIO

from django.apps import apps
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Prefetch, ProtectedError
from strangler.client.budget import call_budget
from tests.client.divertsite.clients import people_client
from tests.client.divertsite.people.models import Partner, User
from tests.client.divertsite.shop.models import (
    Badge,
    Cart,
    Contact,
    Line,
    Memo,
    Note,
    Order,
    ProxyOrder,
    SpecialOrder,
)
from tests.client.divertsite.suites.values import Site


class Reading(Site):
    def test_a_relation_reads_a_value_once(self):
        order = Order.objects.get(pk=self.order.pk)
        with call_budget(1) as calls:
            self.assertIs(type(order.user), people_client.User)
            self.assertEqual(order.user.email, "rosa@example.com")
            self.assertIs(order.user, order.user)
        self.assertEqual(calls.by_operation, {"people.get_user": 1})

    def test_null_is_none_without_a_call(self):
        with call_budget(0):
            self.assertIsNone(self.order.approved_by)

    def test_nothing_assigned_raises_what_django_raises(self):
        with call_budget(0):
            with self.assertRaisesRegex(User.DoesNotExist, "Order has no user"):
                Order(country=self.de).user  # noqa: B018
            self.assertFalse(hasattr(Order(country=self.de), "user"))

    def test_a_missing_row_is_the_values_error(self):
        order = Order(user_id=0)
        for caught in (people_client.User.DoesNotExist, User.DoesNotExist):
            with self.assertRaises(caught):
                order.user  # noqa: B018

    def test_changing_the_column_forgets_the_value(self):
        order = Order.objects.get(pk=self.order.pk)
        self.assertEqual(order.user, self.rosa)
        order.user_id = self.otto.pk
        self.assertEqual(order.user, self.otto)

    def test_refresh_from_db_forgets_the_value(self):
        order = Order.objects.get(pk=self.order.pk)
        self.assertEqual(order.user, self.rosa)
        Order.objects.filter(pk=order.pk).update(user=self.otto)
        order.refresh_from_db()
        self.assertEqual(order.user, self.otto)

    def test_every_kind_of_key_and_reference(self):
        line = Line.objects.create(
            order=self.order, company_id=self.bolt_row.pk, supplier_id="acme"
        )
        line = Line.objects.get(pk=line.pk)
        self.assertEqual((line.company.slug, line.supplier.slug), ("bolt", "acme"))
        self.assertEqual(line.supplier.pk, self.acme_row.pk)
        self.assertEqual(Order.objects.get(pk=self.other.pk).country.name, "France")
        partner = Partner.objects.create(slug="bond", level=3)
        contact = Contact.objects.create(partner_id=partner.pk, staff_id=self.rosa.pk)
        contact = Contact.objects.get(pk=contact.pk)
        self.assertEqual(contact.partner.level, 3)
        self.assertIs(type(contact.staff), people_client.Staff)

    def test_abstract_proxy_and_child_models(self):
        note, memo = Note.objects.create(owner=self.rosa), Memo.objects.create(owner=self.otto)
        self.assertEqual(Note.objects.get(pk=note.pk).owner, self.rosa)
        self.assertEqual(Memo.objects.get(pk=memo.pk).owner, self.otto)
        self.assertEqual(ProxyOrder.objects.get(pk=self.order.pk).user, self.rosa)
        special = SpecialOrder.objects.create(user=self.rosa, reason="x")
        with call_budget(1):
            special = SpecialOrder.objects.get(pk=special.pk)
            self.assertEqual(special.order_ptr.user, self.rosa)
            self.assertIs(special.order_ptr.user, special.user)

    def test_a_relation_that_is_the_primary_key(self):
        Badge.objects.create(user=self.rosa)
        badge = Badge.objects.get(pk=self.rosa.pk)
        self.assertEqual((badge.user, badge.pk), (self.rosa, self.rosa.pk))

    def test_one_to_one_reads_refer_back(self):
        Cart.objects.create(user=self.rosa)
        cart = Cart.objects.get()
        with self.assertNumQueries(1):  # the provider's
            self.assertIs(cart.user.cart, cart)

    def test_deferred_and_pickled_rows(self):
        order = Order.objects.defer("user").get(pk=self.order.pk)
        self.assertEqual(order.user, self.rosa)
        again = pickle.loads(pickle.dumps(order))
        with call_budget(0):
            self.assertEqual(again.user, self.rosa)


class Joined(Site):
    def test_select_related_gives_the_instance_as_ever(self):
        with call_budget(0), self.assertNumQueries(1):
            order = Order.objects.select_related("user", "country").get(pk=self.order.pk)
            self.assertIs(type(order.user), User)
            self.assertEqual(order.country, self.de)

    def test_joins_in_lookups_orders_and_values_stay(self):
        self.assertEqual(Order.objects.get(user__email="rosa@example.com"), self.order)
        self.assertEqual(list(Order.objects.order_by("-user__username")), [self.order, self.other])
        self.assertEqual(
            Order.objects.values_list("user__username", flat=True).get(pk=self.order.pk), "rosa"
        )

    def test_the_owner_walks_back_to_its_consumers_as_ever(self):
        with call_budget(0):
            user = User.objects.prefetch_related("orders").get(pk=self.rosa.pk)
            self.assertEqual([order.user for order in user.orders.all()], [user])
            self.assertIs(user.orders.all()[0].user, user)
            self.assertEqual(User.objects.get(orders__number="S1"), self.rosa_row)

    def test_what_its_owner_is_asked_for_gives_the_values_of_the_row_at_hand(self):
        user = User.objects.select_related("profile").get(pk=self.rosa.pk)
        kind = User if os.environ.get("PEOPLE_CLIENT_TRANSPORT") == "http" else people_client.User
        with call_budget(0), self.assertNumQueries(1):
            order = user.orders.get()
            self.assertIs(type(order.user), kind)
            self.assertEqual((order.user, order.user.profile.phone), (self.rosa, "123"))
            self.assertIs(order.user, order.user)

    def test_a_row_at_hand_that_changes_in_memory_is_read_anew(self):
        user = User.objects.select_related("profile").get(pk=self.rosa.pk)
        order = user.orders.get()
        self.assertEqual(order.user.email, "rosa@example.com")
        user.email, user.profile.phone = "new@example.com", "456"
        self.assertEqual((order.user.email, order.user.profile.phone), (user.email, "456"))

    def test_a_row_that_callers_assign_is_given_back_as_it_is(self):
        order = Order(number="S3", user=self.rosa_row)
        self.assertIs(order.user, self.rosa_row)
        order = Order.objects.get(pk=self.order.pk)
        order.user = self.otto_row
        self.assertIs(order.user, self.otto_row)

    def test_a_row_with_columns_left_out_is_not_read_again_for_a_value(self):
        user = User.objects.only("username").get(pk=self.rosa.pk)
        with self.assertNumQueries(1):
            self.assertIs(user.orders.get().user, user)


class Prefetching(Site):
    def test_one_call_for_each_relation_whatever_the_rows(self):
        for number in range(20):
            Order.objects.create(number=str(number), user=[self.rosa, self.otto][number % 2])
        with call_budget(2) as calls, self.assertNumQueries(3):
            orders = list(Order.objects.prefetch_related("user", "country").order_by("pk"))
            self.assertEqual(
                {order.user.email for order in orders}, {"rosa@example.com", "otto@example.com"}
            )
            self.assertEqual({order.country.name for order in orders}, {"Germany", "France"})
        self.assertEqual(
            calls.by_operation,
            {"people.get_users_by_ids": 1, "people.get_countries_by_codes": 1},
        )

    def test_only_what_is_not_cached_is_asked_for(self):
        orders = list(Order.objects.order_by("pk"))
        self.assertEqual(orders[0].user, self.rosa)
        asked = []
        original = people_client.SERVICE.call
        people_client.SERVICE.call = lambda name, **arguments: (
            asked.append(arguments) or original(name, **arguments)
        )
        try:
            models.prefetch_related_objects(orders, "user")
            models.prefetch_related_objects(orders, "user")
        finally:
            del people_client.SERVICE.call
        self.assertEqual(asked, [{"ids": [self.otto.pk]}])

    def test_nested_paths_to_and_through_the_relation(self):
        Line.objects.create(order=self.other, company=self.bolt_row)
        with call_budget(3):
            orders = list(
                Order.objects.prefetch_related("lines__company", "user__profile", "user__country")
            )
            self.assertEqual(
                {line.company.slug for order in orders for line in order.lines.all()},
                {"acme", "bolt"},
            )
            self.assertEqual(
                [o.user.profile.phone for o in orders if hasattr(o.user, "profile")], ["123"]
            )
        with call_budget(2):
            lines = list(Line.objects.prefetch_related("order__user", "company"))
            self.assertEqual(lines[0].order.user, self.rosa)

    def test_null_missing_and_no_rows(self):
        Order.objects.filter(pk=self.order.pk).update(approved_by=self.otto)
        with call_budget(1):
            orders = Order.objects.prefetch_related("approved_by").order_by("pk")
            self.assertEqual([order.approved_by for order in orders], [self.otto, None])
        with call_budget(0):
            list(Order.objects.filter(pk=0).prefetch_related("user"))
            orders = list(Order.objects.filter(pk=self.other.pk).prefetch_related("approved_by"))
            self.assertIsNone(orders[0].approved_by)

    def test_the_other_side_of_one_to_one_and_to_field(self):
        Cart.objects.create(user=self.rosa)
        Cart.objects.create(user=None)
        with call_budget(1), self.assertNumQueries(2):
            carts = list(Cart.objects.prefetch_related("user").order_by("pk"))
            self.assertIs(carts[0].user.cart, carts[0])
            self.assertIsNone(carts[1].user)
        Line.objects.update(supplier="acme")
        with call_budget(1):
            line = Line.objects.prefetch_related("supplier").get()
            self.assertEqual(line.supplier.pk, self.acme_row.pk)

    @unittest.skipUnless(hasattr(models, "FETCH_PEERS"), "fetch modes came with Django 6.1")
    def test_fetching_peers_asks_once_for_all_of_them(self):
        with call_budget(1):
            orders = list(Order.objects.fetch_mode(models.FETCH_PEERS).order_by("pk"))
            self.assertEqual([order.user for order in orders], [self.rosa, self.otto])

    def test_a_query_of_ones_own_is_left_to_the_orm(self):
        with call_budget(0):
            own = Prefetch("user", queryset=User.objects.only("id", "username"))
            order = Order.objects.prefetch_related(own).get(pk=self.order.pk)
            self.assertEqual(order.user.username, "rosa")

    def test_prefetch_to_an_attribute(self):
        with call_budget(1):
            order = Order.objects.prefetch_related(Prefetch("user", to_attr="buyer")).first()
            self.assertEqual(order.buyer, self.rosa)


class Assigning(Site):
    def test_values_and_instances_by_constructor_and_attribute(self):
        for given in (self.rosa, self.rosa_row):
            order = Order(number="N", user=given)
            self.assertEqual(order.user_id, self.rosa.pk)
            self.assertIs(order.user, given)
            order.user = self.otto
            order.save()
            self.assertEqual(Order.objects.get(pk=order.pk).user, self.otto)
            order.approved_by = given
            order.save(update_fields=["approved_by"])
            order.approved_by = None
            self.assertIsNone(order.approved_by)
            order.save()
            self.assertIsNone(Order.objects.get(pk=order.pk).approved_by_id)

    def test_what_is_no_such_row_is_refused(self):
        germany = people_client.get_country(code="de")
        for wrong in (germany, self.de, self.rosa.pk, "rosa"):
            with self.assertRaisesRegex(
                ValueError, 'Cannot assign .*"Order.user" must be a "User"'
            ):
                Order(user=wrong)

    def test_null_where_it_is_not_allowed_fails_at_the_database(self):
        order = Order(number="N", user=self.rosa)
        order.user = None
        self.assertIsNone(order.user_id)

    def test_create_bulk_create_and_bulk_update(self):
        created = Order.objects.create(number="N", user=self.rosa)
        bulk = Order.objects.bulk_create([Order(number="B", user=self.rosa)])
        created.user = self.otto
        Order.objects.bulk_update([created], ["user"])
        self.assertEqual(Order.objects.get(number="N").user, self.otto)
        self.assertEqual(Order.objects.get(number="B").user, self.rosa)
        self.assertEqual(bulk[0].user, self.rosa)

    def test_a_default_may_be_a_value(self):
        self.assertEqual(Order(user=self.rosa).country_id, "de")
        self.assertEqual(Order.objects.create(user=self.rosa).country.name, "Germany")

    def test_one_to_one_keeps_both_sides(self):
        cart = Cart(user=self.rosa)
        self.assertIs(self.rosa.cart, cart)
        cart.user = None
        self.assertFalse(hasattr(self.rosa, "cart"))
        self.assertIsNone(cart.user)

    def test_to_field_children_and_proxies(self):
        acme = people_client.get_company(id=self.acme_row.pk)
        partner_row = Partner.objects.create(slug="bond")
        partner = people_client.get_partner(company_ptr_id=partner_row.pk)
        line = Line(order=self.order, company=partner, supplier=acme)
        self.assertEqual((line.company_id, line.supplier_id), (partner_row.pk, "acme"))
        line.save()
        order = Order(user=people_client.get_staff(id=self.rosa.pk))
        self.assertEqual(order.user_id, self.rosa.pk)
        contact = Contact(partner=partner, staff=self.rosa)
        self.assertEqual(contact.staff_id, self.rosa.pk)


class Validating(Site):
    def test_full_clean_asks_the_client(self):
        self.order.full_clean(exclude=["country"])
        with call_budget(2) as calls:
            Order(number="N", user_id=self.rosa.pk, country_id="de").full_clean()
        self.assertEqual(calls.by_operation, {"people.get_user": 1, "people.get_country": 1})
        with self.assertRaises(ValidationError) as raised:
            Order(number="N", user_id=0, country_id="xx").full_clean()
        self.assertEqual(
            raised.exception.message_dict,
            {
                "user": ["user instance with id 0 does not exist."]
                if "exist" in str(raised.exception)
                else ["user instance with id 0 is not a valid choice."],
                "country": ["country instance with code 'xx' does not exist."]
                if "exist" in str(raised.exception)
                else ["country instance with code 'xx' is not a valid choice."],
            },
        )

    def test_blank_is_still_checked(self):
        with self.assertRaisesRegex(ValidationError, "cannot be null"):
            Order(number="N").full_clean()


class Deleting(Site):
    def test_on_delete_is_kept(self):
        self.order.approved_by = self.otto
        self.order.save()
        with self.assertRaises(ProtectedError):
            self.de.delete()
        self.otto_row.delete()
        self.assertEqual(list(Order.objects.values_list("number", "approved_by")), [("S1", None)])
        self.rosa_row.delete()
        self.assertEqual(Order.objects.count() + Line.objects.count(), 0)

    def test_deleting_the_row_that_refers_needs_no_call(self):
        with call_budget(0):
            self.order.delete()


class Dumping(Site):
    def test_dumpdata_and_loaddata(self):
        out = StringIO()
        with call_budget(0):
            call_command("dumpdata", "shop", stdout=out)
        Order.objects.all().delete()
        for found in serializers.deserialize("json", out.getvalue()):
            found.save()
        self.assertEqual(Order.objects.get(number="S1").user, self.rosa)

    def test_natural_keys(self):
        out = StringIO()
        call_command("dumpdata", "shop.order", use_natural_foreign_keys=True, stdout=out)
        self.assertIn('"user": ["rosa"]', out.getvalue())
        found = [entry.object for entry in serializers.deserialize("json", out.getvalue())]
        self.assertEqual(found[0].user_id, self.rosa.pk)


class Schema(Site):
    def test_no_migration_arises(self):
        mine, plain = ProjectState.from_apps(apps), ProjectState()
        for (label, _), state in mine.models.items():
            copy = state.clone()
            fields = dict(copy.fields) if isinstance(copy.fields, list) else copy.fields
            for key, field in fields.items():
                _, path, args, kwargs = field.deconstruct()
                self.assertTrue(path.startswith("django."), path)
                if hasattr(field, "strangler_service"):
                    fields[key] = getattr(models, path.split(".")[-1])(*args, **kwargs)
            plain.add_model(
                ModelState(
                    label, copy.name, list(fields.items()), copy.options, copy.bases, copy.managers
                )
            )
        self.assertEqual(MigrationAutodetector(plain, mine)._detect_changes(), {})

    def test_system_checks_and_names_are_those_of_django(self):
        call_command("check", fail_level="WARNING")
        field = Order._meta.get_field("user")
        self.assertIsInstance(field, models.ForeignKey)
        self.assertEqual(field.get_internal_type(), "ForeignKey")
        self.assertEqual(field.strangler_service, "people")
        self.assertEqual(Cart._meta.get_field("user").get_internal_type(), "OneToOneField")
