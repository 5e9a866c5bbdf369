"""A diverted relation becomes a plain id column: the project's code, its migration, its data."""

import json
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.codemods.rewrite import smallshop
from tests.codemods.rewrite.smallshop import codemods, contents, manage, rewrite
from tests.servers.postgres import running_postgres

RELATIONS = ("orders.Badge.holder", "orders.Note.writer")
FILES = {
    "shop/orders/models.py": """


        class Note(models.Model):
            text = models.CharField(max_length=40)
            # who wrote it
            writer = models.ForeignKey(
                User, on_delete=models.SET_NULL, null=True, blank=True, related_name="written_notes"
            )  # kept


        from shop.orders.badges import Badge  # noqa
        """,
    "shop/orders/badges.py": """
        from django.db import models

        from ..users.models import User


        class Badge(models.Model):
            holder = models.OneToOneField(User, models.CASCADE, related_name="+", db_column="owner")
        """,
    "shop/orders/notes.py": """
        from shop.orders.models import Badge, Note, Order


        def by_name():
            return Order.objects.order_by("user__name")


        def note(text, user):
            return Note.objects.create(text=text, writer=user)


        def lines():
            return [
                f"{note.text} by {note.writer.name if note.writer else 'nobody'}"
                for note in Note.objects.select_related("writer").order_by("text")
            ]


        def holder(number):
            return Badge.objects.get(pk=number).holder.email
        """,
    "shop/orders/test_notes.py": """
        from django.test import TestCase

        from shop.orders.models import Badge
        from shop.orders.notes import holder, lines, note
        from shop.users.models import User


        class NoteTests(TestCase):
            def test_lines(self):
                ann = User.objects.create(email="ann@example.com", name="Ann")
                note("a", ann)
                note("b", None)
                self.assertEqual(lines(), ["a by Ann", "b by nobody"])
                self.assertEqual(holder(Badge.objects.create(holder=ann).pk), ann.email)
        """,
}
AFTER = """
    from django.db.models import Prefetch
    from django.test import TestCase

    from shop.clients import users_client
    from shop.orders.models import Badge, Note
    from shop.orders.notes import lines, note
    from shop.users.models import User
    from strangler.client.budget import call_budget


    class SeveredTests(TestCase):
        def setUp(self):
            self.ann_row = User.objects.create(email="ann@example.com", name="Ann")
            self.bob_row = User.objects.create(email="bob@example.com", name="Bob")
            self.ann = users_client.get_users_by_ids(ids=[self.ann_row.pk])[0]
            self.bob = users_client.get_users_by_ids(ids=[self.bob_row.pk])[0]

        def test_a_value_is_read_once_and_given_back(self):
            Note.objects.create(text="a", writer=self.ann_row)
            found = Note.objects.get(text="a")
            with call_budget(1):
                self.assertEqual(found.writer.name, "Ann")
                self.assertIs(found.writer, found.writer)
            self.assertEqual(found.writer, self.ann_row)

        def test_rows_are_read_by_one_call(self):
            for at in range(5):
                note(f"{at}", (self.ann, self.bob_row, None)[at % 3])
            with call_budget(1):
                told = lines()
            self.assertEqual(
                told, ["0 by Ann", "1 by Bob", "2 by nobody", "3 by Ann", "4 by Bob"]
            )
            with self.assertRaisesRegex(ValueError, "no custom queryset"):
                list(Note.objects.prefetch_related(Prefetch("writer", User.objects.all())))

        def test_setting_it_sets_the_column_and_the_column_forgets_it(self):
            made = Note(text="a", writer=self.ann)
            with call_budget(0):
                self.assertEqual((made.writer_id, made.writer), (self.ann.pk, self.ann))
                made.writer = self.bob_row
                self.assertEqual(made.writer_id, self.bob.pk)
            made.writer_id = self.ann.pk
            self.assertEqual(made.writer.name, "Ann")
            made.writer = None
            self.assertIsNone(made.writer_id)
            self.assertIsNone(made.writer)

        def test_a_reload_asks_again(self):
            made = note("a", self.ann)
            User.objects.update(name="Anna")
            self.assertEqual(made.writer.name, "Ann")
            made.refresh_from_db()
            self.assertEqual(made.writer.name, "Anna")

        def test_deleting_does_what_the_foreign_key_did(self):
            made = note("a", self.ann_row)
            Badge.objects.create(holder=self.ann_row)
            self.ann_row.delete()
            made.refresh_from_db()
            self.assertIsNone(made.writer_id)
            self.assertFalse(Badge.objects.exists())
    """
MIGRATED = """
    import json

    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    TABLES = {"orders_note": "id, text, writer_id", "orders_badge": "id, owner"}


    def run(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return [list(row) for row in cursor.fetchall()] if cursor.description else []


    def seen():
        told = {}
        with connection.cursor() as cursor:
            for table, names in TABLES.items():
                columns = connection.introspection.get_table_description(cursor, table)
                held = connection.introspection.get_constraints(cursor, table)
                told[table] = {
                    "columns": sorted([c.name, str(c.type_code), c.null_ok] for c in columns),
                    "keys": sorted(
                        [*one["columns"], one["unique"], one["index"], one["primary_key"]]
                        for one in held.values() if not one["foreign_key"] and not one["check"]
                    ),
                    "indexes": sorted(n for n, one in held.items() if one["index"]),
                    "foreign": [one["columns"] for one in held.values() if one["foreign_key"]],
                    "rows": run(f"SELECT {names} FROM {table} ORDER BY id"),
                }
        return told


    call_command("migrate", "users", verbosity=0)
    call_command("migrate", "orders", "0002", verbosity=0)
    for number, name in ((1, "ann"), (2, "bob")):
        run(f"INSERT INTO users_user VALUES ({number}, '{name}@example.com', '{name}', 'x')")
    for number, writer in ((1, 2), (2, "NULL"), (3, 1)):
        run(f"INSERT INTO orders_note (id, text, writer_id) VALUES ({number}, 't', {writer})")
    run("INSERT INTO orders_badge (id, owner) VALUES (1, 2)")
    told = [seen()]
    for to in ("0004", "0002", "0004"):
        call_command("migrate", "orders", to, verbosity=0)
        told.append(seen())
    run("INSERT INTO orders_note (id, text, writer_id) VALUES (9, 'of nobody here', 999)")
    print(json.dumps(told))
    """


@pytest.fixture(scope="module")
def diverted(tmp_path_factory):
    """The small shop with notes and badges, its relations diverted."""
    root = tmp_path_factory.mktemp("diverted") / "project"
    root.mkdir()
    smallshop.write(root)
    for path, text in FILES.items():
        with (root / path).open("a") as file:
            file.write(dedent(text).lstrip("\n") if file.tell() == 0 else dedent(text))
    settings = root / "shop/settings.py"
    settings.write_text(
        f"{settings.read_text()}\nimport json, os\n"
        'if "SHOP_DATABASE" in os.environ:\n'
        '    DATABASES = {"default": json.loads(os.environ["SHOP_DATABASE"])}\n'
    )
    manage(root, "makemigrations", "-v0", "-n", "notes")
    smallshop.commit(root)
    manage(root, "test", "-v0")
    done = rewrite(root, "--write", "--json")
    assert done.returncode == 0, done.stderr
    return root, json.loads(done.stdout)


@pytest.fixture(scope="module")
def severed(diverted):
    """The same with both relations severed."""
    root, _ = diverted
    asked = [word for name in RELATIONS for word in ("--sever", name)]
    done = rewrite(root, "--write", "--force", "--json", *asked)
    assert done.returncode == 0, done.stderr
    return root, json.loads(done.stdout)


def test_the_report_tells_which_relations_only_need_ids(diverted):
    told = {one["relation"]: one for one in diverted[1]["severings"]}
    assert [name for name, one in told.items() if not one["obstacles"]] == list(RELATIONS)
    obstacles = told["orders.Order.user"]["obstacles"]
    assert "shop/orders/notes.py:5: order_by 'user__name' needs a row of users.User" in obstacles
    assert not any(one["is_severed"] for one in told.values())


def test_one_that_is_needed_or_unknown_is_refused_and_nothing_written(diverted):
    root, _ = diverted
    before = contents(root)
    asked = ("--sever", "orders.Order.user", "--sever", "orders.Order.buyer")
    done = rewrite(root, "--write", "--force", *asked)
    assert done.returncode == 2
    assert "orders.Order.user: its foreign key is still needed" in done.stderr
    assert "orders.Order.buyer: no such diverted relation" in done.stderr
    assert contents(root) == before


def test_the_model_has_a_reference_in_the_place_of_the_key(severed):
    root, told = severed
    text = (root / "shop/orders/models.py").read_text()
    assert (
        "    # who wrote it\n"
        "    writer = users_client.SERVICE.Reference(\n"
        '        "users.User",\n'
        "        models.IntegerField,\n"
        "        on_delete=models.SET_NULL,\n"
        "        null=True,\n"
        "        blank=True,\n"
        '        related_name="written_notes",\n'
        "    )  # kept\n"
    ) in text
    badges = (root / "shop/orders/badges.py").read_text()
    assert 'db_column="owner",\n        unique=True,\n' in badges
    assert "users.models" not in badges
    assert "from shop.users.models import User" in text
    assert sorted(told["files"]) == [
        "shop/orders/badges.py",
        "shop/orders/migrations/0003_sever_badge_holder.py",
        "shop/orders/migrations/0004_sever_note_writer.py",
        "shop/orders/models.py",
    ]


def test_django_sees_nothing_to_migrate_and_the_suite_passes(severed):
    root, _ = severed
    assert "No changes detected" in manage(root, "makemigrations", "--check").stdout
    after = root / "shop/orders/test_severed.py"
    after.write_text(dedent(AFTER).lstrip("\n"))
    try:
        manage(root, "test", "-v0")
    finally:
        after.unlink()


def test_the_second_run_changes_nothing_and_cascades_stay_listed(severed):
    root, _ = severed
    before = contents(root)
    done = rewrite(root, "--write", "--force", "--json", "--sever", RELATIONS[0])
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["files"], contents(root)) == ([], before)
    assert {one["relation"] for one in told["severings"] if one["is_severed"]} == set(RELATIONS)
    follow_ups = {one["place"]: one["what"] for one in told["follow_ups"]}
    assert follow_ups["orders.Note.writer"].startswith("SET_NULL, which the database did")
    assert follow_ups["orders.Order.user"] == "CASCADE"
    assert codemods(root, "map", "--json").returncode == 0


def migrated(root, database):
    environment = smallshop.environment(root) | {"SHOP_DATABASE": json.dumps(database)}
    done = subprocess.run(
        [sys.executable, "-c", dedent(MIGRATED)],
        cwd=root, env=environment | {"DJANGO_SETTINGS_MODULE": "shop.settings"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def same_but_for_the_constraint(states):
    """Check the states at 0002, severed, at 0002 again, and severed again."""
    for table in ("orders_note", "orders_badge"):
        before, *later = ({**state[table]} for state in states)
        foreign = [one.pop("foreign") for one in (before, *later)]
        assert later == [before] * 3
        assert foreign == [foreign[0], [], foreign[0], []]
        assert len(foreign[0]) == 1
    assert states[0]["orders_note"]["rows"] != []


def test_the_migration_keeps_data_on_sqlite(severed, tmp_path):
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "shop.sqlite3")}
    same_but_for_the_constraint(migrated(severed[0], database))


def test_the_migration_keeps_data_on_postgres(severed):
    with running_postgres() as server:
        server.create_database("severed")
        database = {
            "ENGINE": "django.db.backends.postgresql", "NAME": "severed", "HOST": server.host,
            "PORT": server.port, "USER": server.user, "PASSWORD": server.password,
        }  # fmt: skip
        same_but_for_the_constraint(migrated(severed[0], database))
