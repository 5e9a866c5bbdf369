
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='UnitsSold',
            fields=[
                ('product_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('units', models.BigIntegerField()),
            ],
            options={
                'db_table': 'replica_units_sold',
            },
        ),
        migrations.CreateModel(
            name='UserName',
            fields=[
                ('user_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('public_name', models.CharField(max_length=84)),
            ],
            options={
                'db_table': 'replica_user_name',
            },
        ),
    ]
