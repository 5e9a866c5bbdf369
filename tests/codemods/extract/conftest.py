"""The small shop with pages, its orders lifted out of it once for all tests."""

from __future__ import annotations

import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from subprocess import CompletedProcess
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from codemods.cli import main
from tests.codemods.rewrite import smallshop

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {
    "shop/urls.py": """
        from django.urls import include, path

        urlpatterns = [
            path("shop/", include("shop.orders.urls")),
            path("people/", include("shop.users.urls")),
        ]
        """,
    "shop/users/urls.py": """
        from django.urls import path

        from shop.users import pages

        urlpatterns = [path("<int:pk>/", pages.person, name="person")]
        """,
    "shop/users/pages.py": """
        from django.http import HttpResponse

        from shop.users.models import User


        def person(request, pk):
            return HttpResponse(User.objects.get(pk=pk).name)
        """,
    "shop/orders/urls.py": """
        from django.urls import path

        from shop.orders import pages

        urlpatterns = [path("orders/<str:number>/", pages.order_page, name="order")]
        """,
    "shop/orders/pages.py": """
        from django.http import HttpResponse
        from django.shortcuts import get_object_or_404
        from django.urls import reverse

        from shop.orders.models import Order


        def order_page(request, number):
            order = get_object_or_404(Order, number=number)
            return HttpResponse(f"{order.number} {reverse('person', args=[order.user_id])}")
        """,
    "shop/users/factories.py": """
        import factory

        from shop.users.models import User


        class UserFactory(factory.django.DjangoModelFactory):
            class Meta:
                model = User

            email = factory.Sequence(lambda n: f"user{n}@example.com")
            name = factory.LazyAttribute(lambda user: user.email.partition("@")[0])

            @factory.post_generation
            def saved(user, create, extracted, **kwargs):
                user.save()
        """,
    "shop/orders/test_pages.py": """
        import pytest

        from shop.orders.models import Order
        from shop.orders.selectors import customer
        from shop.users.factories import UserFactory
        from shop.users.models import User


        @pytest.fixture
        def everybody():
            return User.objects.all()


        @pytest.mark.django_db
        def test_an_order_leads_to_its_customer(client):
            ann = UserFactory(name="Ann")
            order = Order.objects.create(number="7", user=ann)
            assert client.get("/shop/orders/7/").content.decode() == f"7 /people/{ann.pk}/"
            assert order.label() == "7 for Ann"
            assert customer(ann.email) == "Ann"
            assert customer(UserFactory().email) == "user1"


        @pytest.mark.django_db
        def test_a_stranger_is_nobody(client):
            assert customer("user0@example.com") is None


        @pytest.mark.django_db
        def test_a_customer_changes_the_name():
            ann = UserFactory(name="Ann")
            ann.name = "Anne"
            ann.save()


        @pytest.mark.django_db
        def test_everybody(everybody):
            assert not everybody.exists()
        """,
    "shop/orders/test_promises.py": """
        from pathlib import Path

        PROMISES = (Path(__file__).parents[1] / "README.md").read_text()


        def test_something_is_promised():
            assert PROMISES
        """,
}
CONTEXTS = """
[contexts.users]
apps = ["users"]

[contexts.orders]
apps = ["orders"]

[rewrite]
services = ["users", "orders"]
"""


@dataclass(frozen=True)
class Lifted:
    """A repository with the shop, and what `codemods extract` did in it last."""

    root: Path
    done: CompletedProcess[str]

    @property
    def service(self) -> Path:
        return self.root / "extracted" / "orders"

    def extract(self, *args: str) -> CompletedProcess[str]:
        return extract(self.root, *args)

    def commit(self, why: str) -> None:
        smallshop.git(self.root, "add", "-A")
        smallshop.git(self.root, "commit", "-qm", why)


def extract(root: Path, *args: str) -> CompletedProcess[str]:
    """Run `codemods extract orders` in a project, within this process: starting one costs more."""
    command = ["extract", "orders", "--python", sys.executable, "--jobs", "1", *args]
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(StringIO()) as out,
        redirect_stderr(StringIO()) as errors,
    ):
        patch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
        for name, value in smallshop.environment(root).items():
            patch.setenv(name, value)
        patch.chdir(root)
        code = main(command)
    return CompletedProcess(command, code, out.getvalue(), errors.getvalue())


@pytest.fixture(scope="session")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop with addresses, committed, not yet extracted."""
    root = tmp_path_factory.mktemp("paged") / "project"
    root.mkdir()
    smallshop.write(root)
    for path, text in PAGES.items():
        (root / path).write_text(dedent(text).lstrip("\n"))
    settings = root / "shop/settings.py"
    settings.write_text(settings.read_text() + 'ROOT_URLCONF = "shop.urls"\n')
    selectors = root / "shop/orders/selectors.py"
    selectors.write_text(selectors.read_text().partition("\n\ndef by_city")[0] + "\n")
    (root / "contexts.toml").write_text(CONTEXTS)
    with (root / ".gitignore").open("a") as ignored:
        ignored.write("/var/\n")
    smallshop.commit(root)
    return root


@pytest.fixture(scope="session")
def once_lifted(paged: Path, tmp_path_factory: pytest.TempPathFactory) -> Lifted:
    root = tmp_path_factory.mktemp("lifted") / "project"
    shutil.copytree(paged, root)
    lifted = Lifted(root, extract(root, "--write"))
    lifted.commit("orders lifted out")
    return lifted


@pytest.fixture
def lifted(once_lifted: Lifted, tmp_path: Path) -> Lifted:
    """A copy of the shop with its orders lifted out, to change."""
    root = tmp_path / "project"
    shutil.copytree(once_lifted.root, root, symlinks=True)
    return Lifted(root, once_lifted.done)
