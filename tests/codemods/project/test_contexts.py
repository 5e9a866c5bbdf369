"""The contexts file: what init writes, what is refused and how it is said."""

import tomllib
from dataclasses import replace

import pytest

from codemods.errors import ContextsError
from codemods.project import contexts as contexts_file


def load(tmp_path, graph, text):
    path = tmp_path / "contexts.toml"
    path.write_text(text)
    return contexts_file.load(path, graph)


def test_what_init_writes_is_one_context_per_app_and_loads(tmp_path, graph):
    text = contexts_file.render(contexts_file.default(graph))
    assert set(tomllib.loads(text)["contexts"]) == {"people", "goods", "shop"}
    loaded = load(tmp_path, graph, text)
    assert loaded.of_label("goods.Product") == "goods"
    assert loaded.of_path("goods/models.py") == "goods"
    assert loaded.of_path("goods_and_more/models.py") == "project"
    assert loaded.of_label("contenttypes.ContentType") == "framework"


def test_where_there_is_one_app_the_users_are_a_context_of_their_own(graph):
    badge = graph.models["people.Badge"]
    person = replace(badge.fields["person"], target="auth.User")
    alone = replace(
        graph,
        apps=tuple(app for app in graph.apps if app.label == "people"),
        models={"people.Badge": replace(badge, fields={"person": person})},
        auth_user_model="auth.User",
    )
    assert contexts_file.default(alone) == {
        "people": {"apps": ["people"]},
        "auth": {"apps": ["auth"]},
    }


def test_a_folder_that_one_app_extends_is_its_own_unless_others_take_from_it_too(graph):
    modules = {
        "people.models": replace(graph.modules["people.models"], path="common/models.py"),
        "shop.models": graph.modules["shop.models"],
        "goods.models": graph.modules["goods.models"],
    }
    moved = replace(graph, modules=modules)
    assert contexts_file.default(moved)["shop"]["paths"] == ["common"]
    taken = {"Stamped": ("class", "people.models:Stamped")}
    modules["goods.models"] = replace(modules["goods.models"], names=taken)
    assert "paths" not in contexts_file.default(moved)["shop"]


def test_apps_can_share_a_context_and_paths_join_one(tmp_path, graph):
    loaded = load(
        tmp_path, graph, '[contexts.sales]\napps = ["shop", "goods"]\npaths = ["config"]\n'
    )
    assert loaded.of_label("goods.Tag") == loaded.of_path("config/urls.py") == "sales"
    assert loaded.of_path("people/models.py") == "project"


def test_tests_are_left_unread_unless_said_otherwise(tmp_path, graph):
    loaded = load(tmp_path, graph, '[contexts.shop]\napps = ["shop"]\n')
    assert loaded.is_excluded("shop/tests/test_a.py")
    assert loaded.is_excluded("tests/a.py")
    assert loaded.is_excluded("shop/tests.py")
    assert loaded.is_excluded("shop/test/factories.py")
    assert not loaded.is_excluded("shop/contest/models.py")
    assert not loaded.is_excluded("shop/attests/a.py")
    everything = load(tmp_path, graph, '[map]\nexclude = []\n[contexts.shop]\napps = ["shop"]\n')
    assert not everything.is_excluded("shop/tests/test_a.py")


def test_every_problem_is_told_at_once_with_what_was_meant(tmp_path, graph):
    with pytest.raises(ContextsError) as caught:
        load(
            tmp_path,
            graph,
            '[contexts.a]\napps = ["shpo", "goods"]\n[contexts.b]\napps = ["goods"]\nap = 1\n'
            "[contexts.framework]\napps = 3\n[contxts]\n",
        )
    told = str(caught.value)
    assert "Did you mean 'shop'?" in told
    assert "already in [contexts.a]" in told
    assert "unknown key 'ap'" in told
    assert "'framework' is reserved" in told
    assert "expected a list of strings" in told
    assert "Did you mean 'contexts'?" in told


def test_services_under_way_and_where_their_clients_go(tmp_path, graph):
    text = '[contexts.shop]\napps = ["shop"]\n[contexts.goods]\napps = ["goods"]\n'
    loaded = load(tmp_path, graph, text)
    assert (loaded.services, loaded.clients) == ((), "")
    loaded = load(
        tmp_path, graph, text + '[rewrite]\nservices = ["goods"]\nclients = "shop.api_clients"\n'
    )
    assert (loaded.services, loaded.clients) == (("goods",), "shop.api_clients")


def test_a_service_that_is_no_context_and_a_package_that_cannot_be_are_refused(tmp_path, graph):
    with pytest.raises(ContextsError) as caught:
        load(
            tmp_path,
            graph,
            '[contexts.shop]\napps = ["shop"]\n'
            '[rewrite]\nservices = ["shpo"]\nclients = "shop/clients"\nservice = "shop"\n',
        )
    told = str(caught.value)
    assert "services names no context: 'shpo'. Did you mean 'shop'?" in told
    assert "clients = 'shop/clients': expected a package" in told
    assert "unknown key 'service'. Did you mean 'services'?" in told


def test_a_service_may_have_variables_of_its_own(tmp_path, graph):
    text = '[contexts.shop]\napps = ["shop"]\n[extract.shop]\nenvironment = {STEPS = %s}\n'
    assert load(tmp_path, graph, text % '"1"').environment == {"shop": {"STEPS": "1"}}
    with pytest.raises(ContextsError, match="expected texts by name"):
        load(tmp_path, graph, text % "1")


@pytest.mark.parametrize("text", ["contexts = 3", "rewrite = 3", "map = []"])
def test_a_value_where_a_table_belongs_is_refused(tmp_path, graph, text):
    with pytest.raises(ContextsError, match="expected"):
        load(tmp_path, graph, text)


def test_a_file_that_is_not_toml_is_refused(tmp_path, graph):
    with pytest.raises(ContextsError, match="not TOML"):
        load(tmp_path, graph, "[contexts")
