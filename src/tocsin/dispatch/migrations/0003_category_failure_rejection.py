"""The category of a plan, why a dispatch failed, and why one was not approved.

Nullable on purpose: on SQLite Django adds a nullable column in place; for any other it makes the table anew,
and the triggers of 0002 would be lost with the old one.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("dispatch", "0002_only_reported")]

    operations = [
        migrations.AddField("plan", "category", models.CharField(max_length=20, null=True)),
        migrations.AddField("dispatch", "failure", models.CharField(max_length=30, null=True)),
        migrations.AddField("dispatch", "rejection_sealed", models.BinaryField(null=True)),
    ]
