"""Supplements: a plan and a dispatch that tell only what became known after an earlier one.

Nullable on purpose, see 0003: on SQLite the columns are added in place, and the triggers of 0002 stay.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0002_changes_facts_paging"),
        ("dispatch", "0003_category_failure_rejection"),
    ]

    operations = [
        migrations.AddField(
            "plan",
            "supplement_to",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supplements",
                to="dispatch.plan",
            ),
        ),
        migrations.AddField(
            "dispatch",
            "supplement_to",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="dispatch.dispatch",
            ),
        ),
        migrations.CreateModel(
            "SupplementLook",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("events_seen", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supplement_look",
                        to="cases.case",
                    ),
                ),
            ],
        ),
    ]
