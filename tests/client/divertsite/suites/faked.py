"""Callers tested without the service: its fake, made of the contract."""

from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.test import SimpleTestCase, TestCase
from strangler.client.budget import call_budget
from strangler.client.failures import UnavailableError
from strangler.client.testing import signing_in
from strangler.client.testing.cases import ServicesMixin
from strangler.client.testing.failures import IncompleteRowError, UnansweredError
from strangler.client.testing.row_models import RowModel
from strangler.client.testing.services import Services, current
from tests.client.divertsite.clients import people_client
from tests.client.divertsite.shop.models import Order

CLIENTS = "tests.client.divertsite.clients"
CONTRACTS = str(Path(__file__).resolve().parents[1] / "contracts")


class UserRow(RowModel, model="people.User"):
    def get_short_name(self):
        return self.full_name.partition(" ")[0]

    def __str__(self):
        return self.full_name


class Faked(ServicesMixin):
    strangler_clients = CLIENTS
    strangler_contracts = CONTRACTS
    strangler_fakes = ("people",)

    def setUp(self):
        super().setUp()
        self.people = self.services.people
        self.germany = self.people.add("people.Country", code="de", name="Germany")
        self.rosa = self.people.add(
            "people.User", email="rosa@example.com", full_name="Rosa L", country=self.germany
        )


class WithTables(Faked, TestCase):
    def test_relations_and_prefetching_are_served(self):
        for number in range(3):
            Order.objects.create(number=str(number), user=self.rosa)
        with call_budget(1):
            orders = list(Order.objects.prefetch_related("user"))
            self.assertEqual(
                [str(order) for order in orders], [f"{n} for Rosa L" for n in range(3)]
            )
        self.assertEqual(Order.objects.first().country.name, "Germany")
        self.assertEqual([each.number for each in self.rosa.orders.all()], ["0", "1", "2"])


class WithoutTables(Faked, SimpleTestCase):
    def test_values_carry_what_the_contract_says(self):
        found = people_client.get_user_by_email(email="rosa@example.com")
        self.assertEqual(found, self.rosa)
        self.assertEqual((str(found), found.get_short_name()), ("Rosa L", "Rosa"))
        self.assertEqual(found.country_id, "de")
        with self.assertRaises(people_client.Profile.DoesNotExist):
            found.profile  # noqa: B018
        self.people.add("people.Profile", user=found, phone="123")
        self.assertEqual(people_client.get_user(id=found.pk).profile.phone, "123")

    def test_a_row_that_is_missing_raises_as_the_service_does(self):
        with self.assertRaises(people_client.User.DoesNotExist) as caught:
            people_client.get_user(id=10**6)
        self.assertIsInstance(caught.exception, ObjectDoesNotExist)
        self.assertEqual(str(caught.exception), "User matching query does not exist.")
        self.assertIsNone(people_client.first_user_by_email(email="nobody"))

    def test_every_test_begins_with_no_rows(self):
        self.assertEqual([row.pk for row in self.people.rows("people.User")], [1])
        self.assertEqual(self.people.rows("people.Profile"), [])

    def test_arguments_travel(self):
        found = people_client.get_users_by_ids(ids=iter([str(self.rosa.pk), 10**6]))
        self.assertEqual(found, [self.rosa])
        with self.assertRaises(ValueError):
            people_client.get_user(id="none")

    def test_writes_change_the_rows(self):
        made = people_client.create_country(code="fr", name="France")
        self.assertEqual(people_client.get_country(code="fr"), made)
        self.assertEqual([row.code for row in self.people.rows("people.Country")], ["de", "fr"])

    def test_what_the_contract_does_not_tell_is_said_by_the_test(self):
        with self.assertRaises(UnansweredError) as caught:
            self.rosa.greet("Hi")
        self.assertEqual(
            str(caught.exception),
            "the fake of people, user_greet: what greet of people.User gives is not in the "
            "contract: say what it answers with "
            'services.people.answers("user_greet", lambda **arguments: ...)',
        )
        self.people.answers("user_greet", "{word}, number {id}".format)
        self.assertEqual(self.rosa.greet("Hi"), "Hi, number 1")

    def test_a_row_that_lacks_something_is_refused_whole(self):
        with self.assertRaises(IncompleteRowError) as caught:
            self.people.add("people.Company", slug=["no", "text"])
        self.assertIn("slug must be text", str(caught.exception))
        self.assertEqual(self.people.rows("people.Company"), [])

    def test_an_operation_that_nobody_offers_is_named(self):
        with self.assertRaises(UnansweredError) as caught:
            self.people.answers("get_users", list)
        self.assertIn("only create_country, find_user_ids", str(caught.exception))
        with self.assertRaises(AttributeError) as unknown:
            self.services.orders  # noqa: B018
        self.assertEqual(
            str(unknown.exception), f"{CLIENTS} has no client of 'orders', but of people"
        )

    def test_a_service_can_be_down(self):
        self.people.go_down()
        with self.assertRaises(UnavailableError):
            people_client.get_user(id=self.rosa.pk)
        self.people.come_back()
        self.assertEqual(people_client.get_user(id=self.rosa.pk), self.rosa)

    def test_a_session_names_its_user(self):
        accounts = signing_in.Accounts()
        key = accounts.session(self.rosa, permissions=("shop.add_order",))
        told = accounts.call("whoami", {"headers": {"Cookie": f"a=b; sessionid={key}"}})
        self.assertEqual(told["api"]["user"]["value"]["email"], "rosa@example.com")
        self.assertEqual(told["api"]["user"]["permissions"], ["shop.add_order"])
        nobody = accounts.call("whoami", {"headers": {"Cookie": "sessionid=other"}})
        self.assertIsNone(nobody["page"]["user"])


class Nothing(SimpleTestCase):
    def test_no_fake_is_used_outside(self):
        with self.assertRaises(UnansweredError) as caught:
            current()
        self.assertIn("take the fixture strangler_services", str(caught.exception))

    def test_a_contract_that_is_missing_is_named(self):
        with self.assertRaises(ValueError) as caught:
            Services(CLIENTS, Path("/nowhere"), ("people",))
        self.assertIn("/nowhere/people.json cannot be read", str(caught.exception))
        with self.assertRaises(ValueError) as unknown:
            Services(CLIENTS, Path(CONTRACTS), ("order",))
        self.assertIn("strangler_fakes names order;", str(unknown.exception))
