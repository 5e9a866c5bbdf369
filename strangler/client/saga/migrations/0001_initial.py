"""The table of the runs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SagaRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("saga", models.CharField(max_length=100)),
                ("key", models.CharField(max_length=200)),
                ("way", models.CharField(max_length=10)),
                ("step", models.PositiveIntegerField(default=0)),
                ("is_begun", models.BooleanField(default=False)),
                ("data", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True, default="")),
                ("tries", models.PositiveIntegerField(default=0)),
                ("leased_by", models.CharField(blank=True, default="", max_length=40)),
                ("leased_until", models.DateTimeField(null=True)),
                ("retry_at", models.DateTimeField(db_index=True, null=True)),
                ("begun_at", models.DateTimeField(auto_now_add=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "strangler_saga_run",
                "constraints": [
                    models.UniqueConstraint(fields=("saga", "key"), name="strangler_saga_run_once")
                ],
            },
        ),
    ]
