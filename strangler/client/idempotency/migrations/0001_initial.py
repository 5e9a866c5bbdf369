"""The table of the keys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("answer", models.TextField(default="")),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={"db_table": "strangler_idempotency_key"},
        ),
    ]
