"""Random compositions of supported ORM calls give the same answers before and after rewriting.

Each example is a module of functions over the shop's users and products. It is read and rewritten
by the real transforms, the client and the provider are generated from what they ask for, and both
modules run on the same rows of a real database.
"""

import importlib
import itertools
import re
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from codemods import transforms
from codemods.contract import build, client, provider
from codemods.crossings.survey import survey_typed
from codemods.project import contexts as contexts_file
from codemods.project import load, sources
from codemods.rewrite.apply import apply
from codemods.transforms.source import SourceFile
from monolith.products.factories import CategoryFactory, ProductFactory, ReviewFactory, TagFactory
from monolith.users.factories import AddressFactory, UserFactory

ROOT = Path(__file__).parents[3]
PATH = "monolith/orders/composed.py"
QUERIES = (
    "get", "exists", "count", "first-last", "list", "values", "in-bulk", "create", "update-one",
    "does-not-exist", "ask", "save-row", "link-rows", "delete-row",
)  # fmt: skip
HEADER = """\
from django.db.models import Q
from django.shortcuts import get_object_or_404
from monolith.products.models import Category, Product, Review, Tag
from monolith.users.models import Address, User


"""
NOW = "datetime.datetime(2024, 5, 1, tzinfo=datetime.timezone.utc)"
COLUMNS = {
    "User": ("pk", "email", "first_name", "is_staff", "date_joined"),
    "Address": ("id", "city", "user_id", "is_default", "country"),
    "Product": ("pk", "name", "price", "category_id", "is_active"),
    "Review": ("id", "rating", "product_id", "author_id"),
}
CONDITIONS = {
    "User": (
        "email='ada@shop.test'", "email__iexact='BO@shop.test'", "is_staff=True",
        "first_name__in=['Ada', 'Bo']", "first_name__istartswith='a'", "pk__gt=second",
        "date_joined__year=2024", "addresses__city='Rome'", "is_active=flag", "id__lte=second",
        "last_login=None", "date_joined__gte=moment",
    ),
    "Address": (
        "city='Rome'", "city__contains='o'", "user=user", "user__email='ada@shop.test'",
        "user_id__in=[user.pk, second]", "is_default=flag", "country__in={'DE', 'FR'}",
        "user__pk__lt=second", "line2__isnull=False", "user__in=[user]",
    ),
    "Product": (
        "price__gt=5", "price__lte=Decimal('10.00')", "name__icontains='PRODUCT'",
        "category=product.category", "category__name__startswith='Cat'", "is_active=flag",
        "created_at__date__gte=moment.date()", "pk__in=(1, 2, product.pk)", "sku='SKU-x'",
        "price__range=(1, 20)", "created_by=None",
    ),
    "Review": (
        "rating__gte=3", "product=product", "product__in=[product]", "rating__in=range(2, 5)",
        "product__category__name='Food'", "product__is_active=True",
    ),
}  # fmt: skip
MODELS = {"users": ("User", "Address"), "products": ("Product", "Review")}
RELATED = {
    "users": (
        "return [(row.city, row.pk) for row in user.addresses.order_by('pk')]",
        (
            "row = Address.objects.create(user=user, city='Oslo', line1='a', postcode='1')\n"
            "    return row.city, row.user_id, user.addresses.count()"
        ),
        (
            "row, is_new = Address.objects.get_or_create(user=user, city='Rome', defaults={"
            "'line1': 'b', 'postcode': '2'})\n    return row.city, is_new, row.line1"
        ),
        (
            "row, is_new = user.addresses.update_or_create(city='Oslo', defaults={'line1': 'c',"
            " 'postcode': '3'})\n    return is_new, Address.objects.get(pk=row.pk).line1"
        ),
        (
            "row = User.objects.get(pk=second)\n    row.first_name = 'Bert'\n"
            "    row.is_staff, row.last_name = flag, row.email[:2]\n    row.save()\n"
            "    return row.first_name, row.last_name, User.objects.get(pk=second).is_staff"
        ),
        (
            "row = Address.objects.filter(user=user).earliest('city')\n    row.city = 'Bonn'\n"
            "    row.save(update_fields=['city'])\n"
            "    return Address.objects.filter(city='Bonn', pk=row.pk).exists()"
        ),
        (
            "row = Address(user=user, line1='d')\n    row.city = 'Cork'\n    row.postcode = '4'\n"
            "    row.save()\n    return row.city, row.is_default, user.addresses.count()"
        ),
        (
            "row = User.objects.create_user(email='New@Shop.test', password='x')\n"
            "    return row.email, User.objects.filter(pk=row.pk).exists()"
        ),
        (
            "changed = User.objects.filter(pk=second, is_staff=flag).update(first_name='B')\n"
            "    return changed, User.objects.get(pk=second).first_name"
        ),
    ),
    "products": (
        "return product.reviews.filter(rating__gt=2).count()",
        (
            "changed = Product.objects.filter(pk=product.pk).update(name='renamed', price=3)\n"
            "    return changed, Product.objects.get(pk=product.pk).name"
        ),
        (
            "row = Review.objects.filter(product=product).latest('rating', 'pk')\n"
            "    row.delete()\n    return product.reviews.count()"
        ),
        (
            "row = Product.objects.get(pk=product.pk)\n    row.tags.add(*Tag.objects.all())\n"
            "    row.tags.remove(*Tag.objects.filter(name='b'))\n"
            "    return Product.objects.filter(tags__name='a').count()"
        ),
        (
            "row, is_new = Tag.objects.get_or_create(name='c', defaults={'slug': 'c'})\n"
            "    row.name = 'd'\n    row.save()\n    return is_new, row.name, Tag.objects.count()"
        ),
        (
            "row = Tag.objects.order_by('pk').first()\n    if row is None:\n        return None\n"
            "    row.name = 'z'\n    row.save()\n"
            "    return sorted(Tag.objects.values_list('name', flat=True))"
        ),
    ),
}


def groups(model):
    """Give conditions as arguments: keywords, or Q objects joined by & and ~."""
    one = st.sampled_from(CONDITIONS[model])
    some = st.lists(one, min_size=1, max_size=2, unique_by=lambda text: text.partition("=")[0])
    return st.one_of(
        some.map(", ".join),
        one.map("Q({})".format),
        one.map("~Q({})".format),
        st.tuples(one, one)
        .filter(lambda pair: pair[0].partition("=")[0] != pair[1].partition("=")[0])
        .map(lambda pair: f"Q({pair[0]}) & ~Q({pair[1]})"),
    )


@st.composite
def steps(draw, model):
    """Give a queryset: `Model.objects.filter(...).exclude(...).order_by(...)`."""
    text = f"{model}.objects"
    used = set()
    for _ in range(draw(st.integers(0, 2))):
        part = draw(groups(model))
        written = re.findall(r"(\w+)=", part)
        lookups = {each.replace("_id__", "__") for each in written}
        many = {lookup for lookup in lookups if lookup.startswith("addresses")}
        if lookups & used or len(lookups) < len(written) or (many and "~" in part):
            continue
        used |= lookups
        is_one = len(lookups) == 1 and "~" not in part and not many
        verb = draw(st.sampled_from(("filter", "exclude"))) if is_one else "filter"
        text += f".{verb}({part})"
    return text


def rows(model, row="row"):
    """Give an expression that reads a row's columns."""
    return "(" + ", ".join(f"{row}.{column}" for column in COLUMNS[model]) + ")"


@st.composite
def bodies(draw, service):
    """Give the body of a function that asks for rows of a service."""
    model = draw(st.sampled_from(MODELS[service]))
    query = draw(steps(model))
    if query.endswith("objects"):
        query += ".all()"
    order = draw(
        st.sampled_from(
            (".order_by('pk')", ".order_by('-pk')", f".order_by('{COLUMNS[model][1]}', 'pk')")
        )
    )
    column = draw(st.sampled_from(COLUMNS[model]))
    start, size = draw(st.integers(0, 2)), draw(st.integers(0, 3))
    condition = draw(st.sampled_from(CONDITIONS[model]))
    return draw(
        st.sampled_from(
            (
                f"return {query}.count()",
                f"return {query}.exists()",
                f"return len({query})",
                f"row = {query}{order}.first()\n    return row and {rows(model)}",
                f"row = {query}{order}.last()\n    return row is not None and {rows(model)}",
                f"row = {query}.get()\n    return {rows(model)}",
                f"row = {query}.latest('{COLUMNS[model][1]}', 'pk')\n    return {rows(model)}",
                (
                    f"try:\n        return {query}.earliest('-pk').pk\n"
                    f"    except {model}.DoesNotExist:\n        return 'none'"
                ),
                f"row = {model}.objects.get({condition})\n    return {rows(model)}",
                f"row = get_object_or_404({model}, {condition})\n    return {rows(model)}",
                f"row = get_object_or_404({query}, pk=second)\n    return {rows(model)}",
                (
                    f"try:\n        row = {query}.get(pk=second)\n        return {rows(model)}\n"
                    f"    except {model}.DoesNotExist:\n        return 'missing'\n"
                    f"    except {model}.MultipleObjectsReturned:\n        return 'several'"
                ),
                f"return [{rows(model)} for row in {query}{order}]",
                (
                    f"found = list({query}{order}[{start}:{start + size}])\n"
                    f"    return [{rows(model)} for row in found], len(found)"
                ),
                (
                    f"queryset = {query}\n    queryset = queryset{order}\n"
                    f"    return [{rows(model)} for row in queryset[:{size}]], queryset.count()"
                ),
                f"row = {query}{order}[{start}]\n    return {rows(model)}",
                f"return sorted({query}.values_list('{column}', flat=True), key=str)",
                f"return list({query}{order}.values_list('{COLUMNS[model][1]}', '{column}'))",
                f"return list({query}{order}.values('{COLUMNS[model][1]}'))",
                (
                    f"found = {model}.objects.in_bulk([1, 2, second])\n"
                    f"    return sorted((key, {rows(model)}) for key, row in found.items())"
                ),
                f"return {query}.distinct().count(), {query}{order}.reverse().exists()",
                *RELATED[service],
            )
        )
    )


class Bench:
    """Reads the shop's models once, and rewrites modules that stand in for one of its files."""

    def __init__(self, folder):
        digests = sources.digest_files(ROOT, sources.walk(ROOT, (".py",)))
        self.folder = folder
        self.numbers = itertools.count()
        self.graph = load.load_graph(
            ROOT,
            settings="monolith.config.settings",
            python=sys.executable,
            digests=digests,
            cache=None,
        )
        self.contexts = contexts_file.load(ROOT / "contexts.toml", self.graph)
        self.digests = {
            path: digest
            for path, digest in digests.items()
            if path in ("monolith/users/models.py", "monolith/products/models.py")
        }

    def rewritten(self, text, service, names=QUERIES, relations=None):
        """Return the module's text with one service's queries rewritten, its client generated."""
        package = f"{self.folder.name}_{next(self.numbers)}"  # other folders use this class too
        client_module, provider_module = f"{package}.{service}_client", f"{package}.provider"
        typed = survey_typed(
            ROOT, self.graph, self.contexts, self.digests, {},
            wanted=lambda _crossings: {PATH}, overlay={PATH: text}, processes=1,
        )  # fmt: skip
        types = typed.files[PATH]
        file = SourceFile(
            PATH, types.text, "orders", service, self.graph, self.contexts, types.types, (),
            client_module, f"{service}_client", guessed=types.guessed, written=typed.written,
            escaping=typed.escaping, definitions=typed.definitions, reads=typed.reads,
            relations=relations or {},
        )  # fmt: skip
        proposals = [transforms.transforms()[name].propose(file) for name in names]
        changes = [change for proposal in proposals for change in proposal.changes]
        refusals = [
            f"{file.code(each.node)}: {each.reason}" for p in proposals for each in p.refusals
        ]
        assert not refusals, refusals
        applied = apply(file, changes)
        assert not applied.failed
        built = build.build(
            service,
            graph=self.graph,
            contexts=self.contexts,
            root=ROOT,
            operations=[each for change in changes for each in change.operations],
            reads=[need for change in changes for need in change.needs],
        )
        assert not built.problems, built.problems
        home = self.folder / package
        files = client.render(built.contract, client_module, provider_module)
        for path, content in files.items():
            target = home / f"{service}_client" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        (home / "__init__.py").write_text("")
        (home / "provider.py").write_text(
            provider.render(built.contract, self.graph, client_module)
        )
        importlib.invalidate_caches()
        return applied.text


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("composed")
    sys.path.insert(0, str(folder))
    yield Bench(folder)
    sys.path.remove(str(folder))


@pytest.fixture
def shop(db):
    ada = UserFactory(first_name="Ada", email="ada@shop.test")
    bo = UserFactory(first_name="Bo", email="bo@shop.test", is_staff=True)
    UserFactory(
        first_name="al",
        email="al@shop.test",
        is_active=False,
        date_joined=datetime(2024, 6, 1, tzinfo=UTC),
    )
    for user, city in ((ada, "Rome"), (ada, "Oslo"), (bo, "Rome")):
        AddressFactory(user=user, city=city, country="DE", is_default=city == "Rome")
    food = CategoryFactory(name="Food")
    products = [
        ProductFactory(price=Decimal(price), category=food if price > 6 else CategoryFactory())
        for price in (4, 7, 12)
    ]
    for product, rating, author in zip(
        (*products, products[1]), (1, 3, 5, 4), (ada, ada, bo, bo), strict=True
    ):
        ReviewFactory(product=product, author=author, rating=rating)
    for name in "ab":
        TagFactory(name=name)
    return {
        "user": ada,
        "product": products[1],
        "second": bo.pk,
        "flag": True,
        "moment": datetime.now(UTC) - timedelta(days=90),
    }


def answers(text, values):
    """Run a module's functions, each from the same rows; an exception is an answer too."""
    found = []
    names = {"Decimal": Decimal}
    exec(compile(text, PATH, "exec"), names)
    for name in sorted(name for name in names if name.startswith("answer_")):
        with transaction.atomic():
            try:
                with transaction.atomic():
                    found.append(names[name](**values))
            except Exception as error:  # noqa: BLE001  whichever it is, it must be the same
                found.append((type(error).__name__, str(error)[:40]))
            transaction.set_rollback(True)
    return found


def module_of(some):
    """Return the text of a module with a function for each body."""
    arguments = "user: User, product: Product, second: int, flag: bool, moment"
    functions = (
        f"def answer_{number:02}({arguments}):\n    {body}\n" for number, body in enumerate(some)
    )
    return HEADER + "\n\n".join(functions)


@st.composite
def modules(draw):
    """Give a service, and a module of functions that ask for its rows."""
    service = draw(st.sampled_from(sorted(MODELS)))
    return service, module_of(draw(st.lists(bodies(service), min_size=15, max_size=25)))


@settings(
    max_examples=4,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each example reads a project
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(composed=modules())
def test_rewritten_compositions_give_equal_answers(composed, bench, shop):
    check_equal(*composed, bench, shop)


@pytest.mark.parametrize("service", sorted(RELATED))
def test_related_rows_and_writes_give_equal_answers(service, bench, shop):
    check_equal(service, module_of(RELATED[service]), bench, shop)


def check_equal(service, text, bench, shop):
    before = answers(text, shop)

    after = bench.rewritten(text, service)

    assert ".objects" not in after
    assert "get_object_or_404" not in after.partition("def ")[2]
    assert answers(after, shop) == before
