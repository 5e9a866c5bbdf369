"""References where the model they refer to is not installed, as in a service that runs alone."""

import subprocess
import sys
from textwrap import dedent

from .sites import ROOT

FILES = {
    "alone/__init__.py": "",
    "alone/settings.py": """
        SECRET_KEY = "only for tests"
        INSTALLED_APPS = ["alone.slips"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        USE_TZ = True
        """,
    "alone/values.py": """
        from dataclasses import dataclass

        from strangler.client.values import Key, Value


        @dataclass(frozen=True, eq=False, repr=False)
        class User(Value, model="people.User", pk="id", keys=(Key("id", "get_user", "get_users"),)):
            id: int
            email: str
        """,
    "alone/client.py": """
        from alone import values
        from strangler.client.service import Service

        SERVICE = Service("people", provider="alone.provider", values=values, operations=__name__)
        """,
    "alone/provider.py": """
        from alone.values import User


        def get_user(id):
            if id > 9:
                raise User.DoesNotExist("nobody")
            return User(id, f"{id}@example.com")


        def get_users(ids):
            return [User(id, f"{id}@example.com") for id in ids if id <= 9]
        """,
    "alone/slips/__init__.py": "",
    "alone/slips/models.py": """
        from django.db import models

        from alone import client


        class Slip(models.Model):
            user = client.SERVICE.Reference(
                "people.User", models.BigIntegerField, models.CASCADE, related_name="slips"
            )
        """,
    "run.py": """
        import django

        django.setup()
        from django.core.management import call_command

        call_command("check")
        call_command("makemigrations", "slips", verbosity=0)
        text = open("alone/slips/migrations/0001_initial.py").read()
        assert "models.BigIntegerField(db_column='user_id', db_index=True)" in text, text
        assert "people" not in text
        call_command("migrate", verbosity=0)
        call_command("makemigrations", check=True, verbosity=0)

        from alone.slips.models import Slip
        from alone.values import User
        from strangler.client import deletions

        ann = User(1, "1@example.com")
        Slip.objects.create(user=ann)
        Slip.objects.create(user_id=2)
        Slip.objects.create(user_id=99)
        assert Slip.objects.get(user=ann).user == ann
        assert [slip.user.email for slip in Slip.objects.filter(user__in={ann, 2}).order_by("pk")
                .prefetch_related("user")] == ["1@example.com", "2@example.com"]
        assert ann.slips.count() == 1 and ann.slips.get().user is ann
        assert ann.slips.create().user_id == 1
        try:
            Slip.objects.get(user=99).user
        except User.DoesNotExist:
            pass
        else:
            raise AssertionError
        assert deletions.follow(Slip._meta.get_field("user"), [1]) == 2
        print("done", Slip.objects.count())
        """,
}


def test_a_service_alone_checks_migrates_reads_and_follows_deletions(tmp_path):
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "run.py"], cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "DJANGO_SETTINGS_MODULE": "alone.settings"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1:] == ["done 2"], done.stdout + done.stderr
