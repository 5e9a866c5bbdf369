"""The reference shop's models, and packages generated from them that can really be imported."""

import importlib
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from codemods.contract import client, provider
from codemods.contract.build import build
from codemods.contract.naming import named
from codemods.contract.operations import Contract, Operation, Parameter
from codemods.project import contexts as contexts_file
from codemods.project import load, sources

ROOT = Path(__file__).resolve().parents[3]
_numbers = itertools.count()


@dataclass
class Made:
    """A generated client, imported: `client` is the package, `files` are its and the provider's."""

    contract: Contract
    client: ModuleType
    provider: ModuleType
    files: dict[str, str]
    folder: Path

    def call(self, operation: Operation, *found, **arguments):
        """Call the client's function for an operation that was given without a name."""
        return getattr(self.client, named(operation).name)(*found, **arguments)


def by(*lookups: str) -> tuple[Parameter, ...]:
    return tuple(Parameter("", lookup, "any") for lookup in lookups)


@pytest.fixture(scope="session")
def shop():
    """The graph and the contexts of the reference shop."""
    paths = [path for path in sources.walk(ROOT, (".py",)) if path.startswith("monolith/")]
    graph = load.load_graph(
        ROOT,
        settings="monolith.config.settings",
        python=sys.executable,
        digests=sources.digest_files(ROOT, paths),
        cache=None,
    )
    return graph, contexts_file.load(ROOT / "contexts.toml", graph)


@pytest.fixture(scope="session")
def make(shop, tmp_path_factory):
    """Generate the client and provider of a service of the shop, and import them."""
    graph, contexts = shop
    root = tmp_path_factory.mktemp("made")

    def make_one(service: str, **asked) -> Made:
        built = build(service, graph=graph, contexts=contexts, root=ROOT, **asked)
        assert built.problems == ()
        package = f"{root.name}_{next(_numbers)}"  # other folders use this fixture too
        client_module, provider_module = f"{package}.{service}_client", f"{package}.provider"
        package_files = client.render(built.contract, client_module, provider_module)
        files = {
            f"{package}/__init__.py": client.parent_package(),
            f"{package}/provider.py": provider.render(built.contract, graph, client_module),
            **{f"{package}/{service}_client/{name}": text for name, text in package_files.items()},
        }
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        importlib.invalidate_caches()
        return Made(
            built.contract,
            importlib.import_module(client_module),
            importlib.import_module(provider_module),
            files,
            root / package,
        )

    sys.path.insert(0, str(root))
    yield make_one
    sys.path.remove(str(root))
    for name in [name for name in sys.modules if name.startswith(f"{root.name}_")]:
        del sys.modules[name]
