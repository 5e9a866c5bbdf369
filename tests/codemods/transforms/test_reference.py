"""A foreign key into the service is diverted by one token, unless somebody needs an instance."""
# ruff: noqa: E501  code under test

from dataclasses import replace

import pytest

from codemods.project.graph import Member
from codemods.transforms import reference
from tests.codemods.conftest import FILES
from tests.codemods.transforms.one_file import Rewriter

MODELS = "shop/models.py"


@pytest.fixture(scope="session")
def rewriter(project, graph, contexts):
    return Rewriter(project, graph, contexts)


def referenced(rewriter, code=FILES[MODELS], **options):
    return rewriter.rewrite(reference, code, path=MODELS, **options)


def lines_changed(rewriter, code=FILES[MODELS], **options):
    """Return the pairs of lines that differ, and the proposal."""
    before = rewriter.file(code, path=MODELS, **options).text.splitlines()
    after, proposal = referenced(rewriter, code, **options)
    return [
        (one.strip(), other.strip())
        for one, other in zip(before, after.splitlines(), strict=True)
        if one != other
    ], proposal


def test_only_the_callee_changes(rewriter):
    changed, proposal = lines_changed(rewriter)
    assert changed == [("person = models.ForeignKey(", "person = people_client.ForeignKey(")]
    (change,) = proposal.changes
    assert change.imports == (("clients", "people_client"),)
    assert change.unused == (("django.db", "models"),)


def test_one_to_one_and_a_name_imported_alone(rewriter):
    code = FILES[MODELS].replace(
        "import models", "import models\nfrom django.db.models import ForeignKey"
    )
    code = code.replace("models.ForeignKey(\n", "ForeignKey(\n")
    code = "\n".join(line.removeprefix("        ") for line in code.splitlines())
    changed, proposal = lines_changed(rewriter, code)
    assert changed == [("person = ForeignKey(", "person = people_client.ForeignKey(")]
    assert proposal.changes[0].unused == (("django.db.models", "ForeignKey"),)


def test_a_relation_to_another_service_stays(rewriter):
    changed, proposal = lines_changed(rewriter, service="goods")
    assert changed == [
        (
            'product = models.ForeignKey("goods.Product", models.PROTECT, related_name="lines")',
            'product = people_client.ForeignKey("goods.Product", models.PROTECT, related_name="lines")',
        )
    ]
    assert not proposal.refusals


def test_many_to_many_is_refused(rewriter):
    _, proposal = referenced(rewriter)
    assert [refusal.reason.partition(":")[0] for refusal in proposal.refusals] == ["wanted_by"]


def test_the_services_own_models_stay(rewriter):
    path = "people/models.py"
    _, proposal = rewriter.rewrite(reference, FILES[path], path=path)
    assert not proposal.changes
    assert not proposal.refusals


def test_an_abstract_model_of_the_service_cannot_be_diverted_from_outside(rewriter):
    file = rewriter.file(FILES[MODELS], path=MODELS)
    assert "leaves with the service" in file.relations["shop.Line", "stamped_by"]
    assert file.relations["shop.Order", "person"] == ""


USED = {
    "saved": "order.person.save()",
    "deleted": "order.person.delete()",
    "reloaded": "order.person.refresh_from_db()",
    "assigned": "order.person.nickname = 'x'",
    "saved under a local name": "person = order.person\n    person.nickname = 'x'",
    "saved in another function": "recolour(order.person, 'red')",
    "saved by its own context": "people.services.rename(order.person)",
    "a method with arguments": "order.person.rename('x')",
    "a method that writes in a spanning transaction": "with transaction.atomic():\n        order.save()\n        order.person.forget()",
    "as the instance of a form": "PersonForm(instance=order.person)",
}


PEOPLE = FILES["people/models.py"].replace(
    "        class Badge(",
    """
            def rename(self, name):
                self.nickname = name

            def forget(self):
                self.delete()

        class Badge(""",
)


@pytest.fixture(scope="session")
def rewriter_with_members(project, graph, contexts):
    """The project, in which a person can be renamed and forgotten."""
    person = graph.models["people.Person"]
    added = {
        name: Member("method", f"people.models:Person.{name}", "people/models.py", 1)
        for name in ("rename", "forget")
    }
    changed = replace(person, members=person.members | added)
    return Rewriter(
        project, replace(graph, models=graph.models | {person.label: changed}), contexts
    )


@pytest.mark.parametrize("use", USED.values(), ids=USED)
def test_an_instance_that_is_needed_keeps_the_relation(rewriter_with_members, use):
    others = {
        "people/models.py": PEOPLE,
        "people/services.py": FILES["people/services.py"]
        + "\n        def rename(person):\n            person.nickname = 'x'\n            person.save()\n",
        "shop/extra.py": (
            "import people.services\n"
            "from django import forms\n"
            "from django.db import transaction\n"
            "from people.models import Person\n"
            "from people.services import badge_of\n"
            "from shop.models import Order\n"
            "class PersonForm(forms.ModelForm):\n"
            "    class Meta:\n"
            "        model = Person\n"
            "def recolour(person, colour):\n"
            "    person.save()\n"
            f"def f(order: Order):\n    {use}\n"
        ),
    }
    changed, proposal = lines_changed(rewriter_with_members, others=others)
    assert not changed
    assert ["person: " in refusal.reason for refusal in proposal.refusals] == [True, False]
    assert ".py:" in proposal.refusals[0].reason


READ = {
    "an attribute": "print(order.person.nickname)",
    "a property": "print(order.person.shown_name)",
    "a method that only reads": "print(order.person.greet())",
    "a method that writes": "order.person.forget()",
    "a relation of the service's own": "print(order.person.badge.colour)",
    "a filter by it": "Order.objects.filter(person=order.person)",
    "a join through it": "Order.objects.filter(person__nickname='x')",
    "set from another": "Order(person=order.person)",
}


@pytest.mark.parametrize("use", READ.values(), ids=READ)
def test_reading_needs_no_instance(rewriter_with_members, use):
    code = f"from shop.models import Order\ndef f(order: Order):\n    {use}\n"
    others = {"people/models.py": PEOPLE, "shop/extra.py": code}
    changed, _ = lines_changed(rewriter_with_members, others=others)
    assert len(changed) == 1


def test_what_others_do_with_their_own_instances_is_no_obstacle(rewriter):
    others = {
        "people/services.py": FILES["people/services.py"]
        + "\n        def badge(person):\n            return person.badge\n",
        "people/extra.py": (
            "from people.models import Person\n"
            "from people.services import badge\n"
            "def f(person: Person):\n"
            "    own = badge(person)\n"
            "    own.colour = 'red'\n"
            "    own.save()\n"
        ),
        "shop/extra.py": (
            "from people.services import badge\n"
            "from shop.models import Order\n"
            "def f(order: Order):\n"
            "    print(badge(order.person).colour)\n"
        ),
    }
    changed, _ = lines_changed(rewriter, others=others)
    assert len(changed) == 1
    others["shop/extra.py"] += "    badge(order.person).save()\n"
    changed, proposal = lines_changed(rewriter, others=others)
    assert not changed
    assert "shop/extra.py:5" in proposal.refusals[0].reason
