"""Severed relations: `Slip` must do all that `Ticket` does, whose relations are foreign keys."""

import importlib.util
import pickle
import unittest
from io import StringIO

from django import VERSION
from django.core import checks, serializers
from django.core.exceptions import FieldError, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, ProtectedError, Q
from django.forms import modelform_factory
from django.utils.functional import SimpleLazyObject
from strangler.client import deletions
from strangler.client.budget import call_budget
from tests.client.divertsite.clients import people_client
from tests.client.divertsite.people.models import Company, Partner, User
from tests.client.divertsite.shop.models import Order, Slip, Ticket
from tests.client.divertsite.suites.values import Site


class Twins(Site):
    """Equal rows in both tables."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        for model in (Ticket, Slip):
            model.objects.create(label="a", user=cls.rosa_row, company=cls.acme_row)
            model.objects.create(label="b", user=cls.rosa, checked_by=cls.otto, country=cls.fr)
            model.objects.create(label="c", user_id=cls.otto.pk, checked_by=cls.otto_row)

    def same(self, ask):
        """Check that a question gives equal answers about both."""
        ticket, slip = ask(Ticket), ask(Slip)
        self.assertEqual(slip, ticket)
        return slip

    def labels(self, ask):
        return self.same(lambda model: list(ask(model).values_list("label", flat=True)))


class Reading(Twins):
    def test_a_reference_reads_a_value_once(self):
        slip = Slip.objects.get(label="a")
        with call_budget(1) as calls:
            self.assertIs(type(slip.user), people_client.User)
            self.assertEqual(slip.user.email, "rosa@example.com")
            self.assertIs(slip.user, slip.user)
        self.assertEqual(calls.by_operation, {"people.get_user": 1})
        self.assertEqual(slip.company, self.acme_row)
        self.assertEqual(slip.country.name, "Germany")

    def test_null_is_none_and_nothing_assigned_raises_without_a_call(self):
        with call_budget(0):
            self.assertIsNone(Slip.objects.get(label="a").checked_by)
            with self.assertRaisesRegex(User.DoesNotExist, "Slip has no user"):
                Slip(country_id="de").user  # noqa: B018
            self.assertFalse(hasattr(Slip(country_id="de"), "user"))

    def test_a_row_that_is_gone_does_not_exist_read_or_loaded_ahead(self):
        Slip.objects.filter(label="a").update(user_id=0)
        for slips in (Slip.objects.all(), Slip.objects.prefetch_related("user")):
            slip = slips.get(label="a")
            for caught in (people_client.User.DoesNotExist, User.DoesNotExist):
                with self.assertRaises(caught):
                    slip.user  # noqa: B018
        self.assertEqual(slip.user_id, 0)

    def test_the_key_forgets_the_value_when_set_or_reloaded(self):
        slip = Slip.objects.get(label="a")
        self.assertEqual(slip.user, self.rosa)
        slip.user_id = self.otto.pk
        self.assertEqual(slip.user, self.otto)
        slip.user_id = self.rosa.pk
        self.assertEqual(slip.user.email, "rosa@example.com")
        User.objects.filter(pk=self.rosa.pk).update(email="rose@example.com")
        self.assertEqual(slip.user.email, "rosa@example.com")
        slip.refresh_from_db()
        self.assertEqual(slip.user.email, "rose@example.com")
        User.objects.filter(pk=self.rosa.pk).update(email="rosa@example.com")
        slip.refresh_from_db(fields=["user"])
        self.assertEqual(slip.user.email, "rosa@example.com")

    def test_rows_are_loaded_ahead_by_one_call(self):
        with call_budget(1):
            found = [slip.user.email for slip in Slip.objects.prefetch_related("user")]
        self.assertEqual(len(found), 3)
        with call_budget(1):
            slips = list(Slip.objects.prefetch_related(Prefetch("checked_by", to_attr="checker")))
            self.assertEqual([slip.checker for slip in slips], [None, self.otto, self.otto])
        with self.assertRaisesRegex(ValueError, "takes no custom queryset"):
            list(Slip.objects.prefetch_related(Prefetch("user", User.objects.all())))

    def test_deferred_copied_and_pickled_it_reads_on(self):
        slip = Slip.objects.only("label").get(label="a")
        self.assertEqual(slip.user, self.rosa)
        with call_budget(0):
            self.assertEqual(pickle.loads(pickle.dumps(slip)).user, self.rosa)
        self.assertEqual(Slip.objects.defer("user").get(label="a").user_id, self.rosa.pk)


class Setting(Twins):
    def test_values_instances_and_keys_are_taken(self):
        slip = Slip(label="x")
        given = (self.rosa, self.rosa_row, SimpleLazyObject(lambda: self.rosa_row))
        with call_budget(0):
            for user in given:
                slip.user = user
                self.assertEqual((slip.user_id, slip.user), (self.rosa.pk, self.rosa))
        for user in (self.otto.pk, str(self.otto.pk)):
            slip.user = user
            self.assertEqual((slip.user_id, slip.user), (self.otto.pk, self.otto))
        slip.checked_by = self.otto
        slip.checked_by = None
        self.assertIsNone(slip.checked_by)

    def test_other_models_unsaved_rows_and_nonsense_are_refused(self):
        for wrong in (self.order, self.acme_row, Order(pk=1)):
            for refused in (
                lambda wrong=wrong: Slip(user=wrong),
                lambda wrong=wrong: Slip.objects.filter(user=wrong).exists(),
            ):
                with self.assertRaisesRegex(ValueError, 'must be a "people.User" value'):
                    refused()
        with self.assertRaisesRegex(ValueError, "no primary key yet"):
            Slip.objects.filter(user=User(username="new"))
        with self.assertRaises(ValidationError):
            Slip(user="rosa")

    def test_an_instance_may_be_saved_later(self):
        user = User(username="new")
        slips = [Slip(label="one", user=user), Slip(label="two", user=user)]
        self.assertIs(slips[0].user, user)
        for refused in (slips[0].save, lambda: Slip.objects.bulk_create(slips)):
            with self.assertRaisesRegex(ValueError, "unsaved related"), transaction.atomic():
                refused()
        user.save()
        Slip.objects.bulk_create(slips[:1])
        slips[1].save()
        self.assertEqual(Slip.objects.filter(user=user).count(), 2)
        with call_budget(0):
            self.assertIs(slips[1].user, user)

    def test_a_child_row_is_taken_for_its_parent(self):
        partner = Partner.objects.create(slug="bond", level=2)
        slip = Slip.objects.create(label="p", user=self.rosa, company=partner)
        self.assertEqual(slip.company_id, partner.pk)

    def test_every_way_to_make_and_change_rows(self):
        def changed(model):
            made, is_made = model.objects.get_or_create(user=self.rosa, label="a")
            again, was_made = model.objects.get_or_create(
                label="n", defaults={"user": self.otto, "country": self.fr}
            )
            model.objects.update_or_create(label="n", defaults={"checked_by": self.rosa_row})
            model.objects.bulk_create(
                [model(label="m", user=self.rosa), model(label="o", user_id=1)]
            )
            rows = list(model.objects.filter(label__in="mo").order_by("label"))
            for row in rows:
                row.checked_by = self.otto
            model.objects.bulk_update(rows, ["checked_by"])
            model.objects.filter(label="m").update(user_id=self.otto.pk, checked_by=None)
            rows[1].user = self.rosa
            rows[1].save(update_fields=["user"])
            told = model.objects.order_by("label").values_list(
                "label", "user", "checked_by", "country", "company"
            )
            return is_made, was_made, made.label, again.user_id, list(told)

        self.same(changed)

    def test_unique_rules_and_full_clean_hold(self):
        for model in (Ticket, Slip):
            with self.assertRaises(ValidationError) as caught:
                model(label="a", user=self.rosa, country=self.de).full_clean()
            self.assertIn("__all__", caught.exception.message_dict)
            with self.assertRaises(IntegrityError), transaction.atomic():
                model.objects.create(label="q", user=self.rosa, company=self.acme_row)
            with self.assertRaises(ValidationError) as caught:
                model(label="q", user_id=0, country=self.de).full_clean()
            message = str(caught.exception.message_dict["user"])
            self.assertIn("user instance with id 0", message)


class Querying(Twins):
    def test_every_lookup_by_key_finds_the_same(self):
        rosa, otto = self.rosa, self.otto
        conditions = [
            {"user": rosa}, {"user": self.rosa_row}, {"user": rosa.pk}, {"user_id": rosa.pk},
            {"user__exact": rosa}, {"user__pk": rosa.pk}, {"user__id": rosa.pk},
            {"user__id__gte": otto.pk}, {"user__pk__in": [rosa.pk]}, {"user__in": [rosa]},
            {"user__in": {rosa, self.otto_row}}, {"user__in": [rosa.pk, otto]},
            {"user_id__in": [otto.pk]}, {"user__in": []}, {"user__gt": rosa.pk},
            {"checked_by": None}, {"checked_by__isnull": False}, {"checked_by": otto},
            {"country": "fr"}, {"country": self.fr}, {"country__in": ["de", "fr"]},
            {"country__pk": "de"}, {"company": self.acme_row}, {"company": self.acme_row.pk},
            {"company__in": [str(self.acme_row.pk)]}, {"company__isnull": True},
            {"user": F("checked_by")}, {"user": SimpleLazyObject(lambda: self.rosa_row)},
        ]  # fmt: skip
        for condition in conditions:
            with self.subTest(condition):
                self.labels(lambda m, c=condition: m.objects.filter(**c).order_by("label"))
                self.labels(lambda m, c=condition: m.objects.exclude(**c).order_by("label"))
                self.labels(lambda m, c=condition: m.objects.filter(~Q(**c)).order_by("label"))
                self.same(lambda m, c=condition: m.objects.filter(**c).count())

    def test_every_form_of_result_is_the_same(self):
        self.same(lambda m: list(m.objects.order_by("pk").values("user", "user_id", "checked_by")))
        self.same(lambda m: list(m.objects.order_by("pk").values("user__pk", "company__id")))
        self.same(lambda m: list(m.objects.order_by("label").values_list("country", flat=True)))
        self.same(
            lambda m: [
                {k: v for k, v in row.items() if k != "id"}
                for row in m.objects.order_by("label").values()
            ]
        )
        self.same(lambda m: list(m.objects.values("user").annotate(n=Count("pk")).order_by("user")))
        self.same(lambda m: m.objects.aggregate(n=Count("checked_by"), last=Max("user")))
        self.same(lambda m: m.objects.values("user").distinct().count())
        self.labels(lambda m: m.objects.order_by("-user_id", "label"))
        self.labels(lambda m: m.objects.order_by("user__pk", "-label"))
        self.labels(
            lambda m: m.objects.filter(
                Exists(Order.objects.filter(user_id=OuterRef("user_id"), number="S1"))
            ).order_by("label")
        )
        self.labels(lambda m: m.objects.annotate(who=F("user")).filter(who=self.rosa.pk))
        self.same(
            lambda m: list(
                Order.objects.filter(
                    user_id__in=m.objects.filter(label="c").values("user")
                ).values_list("number", flat=True)
            )
        )

    def test_what_needs_a_join_is_refused(self):
        for wrong in (
            lambda: Slip.objects.filter(user__email="x"),
            lambda: list(Slip.objects.select_related("user")),
            lambda: User.objects.filter(slips__label="a"),
        ):
            with self.assertRaises(FieldError):
                wrong()

    def test_no_query_joins_and_the_key_has_an_index(self):
        with connection.cursor() as cursor:
            told = connection.introspection.get_constraints(cursor, "shop_slip").values()
        self.assertFalse([one for one in told if one["foreign_key"]])
        indexed = [one["columns"] for one in told if one["index"] or one["unique"]]
        for columns in (["user_id"], ["checked_by_id"], ["country_id"], ["company_id"]):
            self.assertIn(columns, indexed)


class Reverse(Twins):
    def test_rows_are_reached_back_from_values_and_instances(self):
        for user in (self.rosa, self.rosa_row):
            slips = user.slips
            self.assertEqual([slip.label for slip in slips.order_by("label")], ["a", "b"])
            self.assertEqual(slips.filter(country="fr").count(), 1)
            self.assertTrue(slips.exists())
            with call_budget(0):
                self.assertIs(slips.first().user, user)
        self.assertFalse(hasattr(self.rosa_row, "checked_by_slips"))

    def test_rows_are_made_and_taken_over(self):
        made = self.otto.slips.create(label="made")
        self.assertEqual(made.user_id, self.otto.pk)
        self.assertFalse(self.otto_row.slips.get_or_create(label="made")[1])
        mine = Slip.objects.get(label="a")
        self.otto.slips.add(mine)
        self.assertEqual(Slip.objects.get(label="a").user_id, self.otto.pk)

    def test_a_unique_column_leads_to_one_row_or_raises(self):
        acme = people_client.get_company(id=self.acme_row.pk)
        for company in (acme, self.acme_row):
            self.assertEqual(company.slip.label, "a")
        bolt = people_client.get_company(id=self.bolt_row.pk)
        for company in (bolt, self.bolt_row):
            self.assertFalse(hasattr(company, "slip"))
            with self.assertRaisesRegex(Slip.DoesNotExist, "has no slip"):
                company.slip  # noqa: B018

    def test_they_are_loaded_ahead(self):
        with self.assertNumQueries(2):
            users = list(User.objects.order_by("username").prefetch_related("slips"))
            told = [[slip.label for slip in user.slips.all()] for user in users]
        self.assertEqual([sorted(labels) for labels in told], [["c"], ["a", "b"]])
        only = Prefetch("slips", Slip.objects.filter(label="b"))
        user = User.objects.prefetch_related(only).get(pk=self.rosa.pk)
        self.assertEqual([slip.label for slip in user.slips.all()], ["b"])
        if VERSION >= (4, 2):
            newest = Prefetch("slips", Slip.objects.order_by("-label")[:1], to_attr="newest")
            users = User.objects.order_by("username").prefetch_related(newest)
            told = [[slip.label for slip in user.newest] for user in users]
            self.assertEqual(told, [["c"], ["b"]])
        with self.assertNumQueries(2):
            companies = list(Company.objects.order_by("slug").prefetch_related("slip"))
            self.assertEqual(companies[0].slip.label, "a")
            self.assertFalse(hasattr(companies[1], "slip"))


class Deleting(Twins):
    def test_rows_go_with_the_row_they_refer_to(self):
        for row in (self.rosa_row, self.otto_row):
            Order.objects.filter(user=row).delete()
        self.otto_row.delete()
        self.assertEqual(self.labels(lambda m: m.objects.order_by("label")), ["a", "b"])
        self.same(lambda m: list(m.objects.values_list("label", "checked_by").order_by("label")))
        self.acme_row.delete()
        self.same(lambda m: m.objects.filter(company=None).count())

    def test_a_row_that_is_referred_to_is_protected(self):
        Order.objects.all().delete()
        Ticket.objects.all().delete()
        with self.assertRaisesRegex(ProtectedError, "Slip.country"), transaction.atomic():
            self.fr.delete()
        Slip.objects.filter(country="fr").delete()
        self.fr.delete()

    def test_events_are_followed_as_often_as_they_come(self):
        field = Slip._meta.get_field("user")
        keys = [self.rosa.pk, 0]
        self.assertEqual([deletions.follow(field, keys) for _ in "12"], [2, 0])
        self.assertEqual(list(Slip.objects.values_list("label", flat=True)), ["c"])
        checked = Slip._meta.get_field("checked_by")
        self.assertEqual([deletions.follow(checked, [self.otto.pk]) for _ in "12"], [1, 0])
        with self.assertRaises(ProtectedError):
            deletions.follow(Slip._meta.get_field("country"), ["de"])


class Declaring(Twins):
    def test_to_migrations_it_is_a_plain_column(self):
        before, after = ProjectState(), ProjectState()
        for state in (before, after):
            state.add_model(ModelState.from_model(Slip))
        plain = before.models["shop", "slip"].fields["user"]
        self.assertIs(type(plain), models.BigIntegerField)
        self.assertEqual(plain.deconstruct()[3], {"db_column": "user_id", "db_index": True})
        country = before.models["shop", "slip"].fields["country"].deconstruct()
        self.assertEqual(country[1], "django.db.models.CharField")
        self.assertEqual(country[3]["max_length"], 2)
        self.assertEqual(MigrationAutodetector(before, after)._detect_changes(), {})
        self.assertEqual(checks.run_checks(), [])

    def test_fixtures_are_the_same_and_load(self):
        def dumped(model):
            out = StringIO()
            call_command("dumpdata", model._meta.label, stdout=out)
            return out.getvalue()

        told = self.same(
            lambda model: [
                row.fields if hasattr(row, "fields") else row["fields"]
                for row in serializers.serialize("python", model.objects.order_by("label"))
            ]
        )
        self.assertEqual(told[0]["user"], self.rosa.pk)
        text = dumped(Slip)
        Slip.objects.all().delete()
        for row in serializers.deserialize("json", text):
            row.save()
        self.assertEqual(dumped(Slip), text)

    def test_a_form_takes_keys_and_asks_for_the_row(self):
        form_class = modelform_factory(Slip, fields=["label", "user"])
        form = form_class({"label": "f", "user": str(self.rosa.pk)})
        self.assertTrue(form.is_valid(), form.errors)
        self.assertEqual(form.save().user, self.rosa)
        wrong = form_class({"label": "f", "user": "0"})
        self.assertIn("user instance with id 0", str(wrong.errors["user"]))
        again = form_class(instance=Slip.objects.get(label="f"))
        self.assertEqual(again.initial["user"], self.rosa.pk)

    @unittest.skipUnless(importlib.util.find_spec("rest_framework"), "no rest framework")
    def test_a_serializer_shows_the_same(self):
        from rest_framework import serializers as rest

        def shown(model):
            meta = type("Meta", (), {"model": model, "fields": ["label", "user", "country"]})
            serializer = type("Rows", (rest.ModelSerializer,), {"Meta": meta})
            return serializer(model.objects.order_by("label"), many=True).data

        self.assertEqual(self.same(shown)[0]["user"], self.rosa.pk)
