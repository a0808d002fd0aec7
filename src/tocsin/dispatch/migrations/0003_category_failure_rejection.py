"""The category of a plan, why a dispatch failed, and why one was not approved."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("dispatch", "0002_only_reported")]

    operations = [
        migrations.AddField("plan", "category", models.CharField(max_length=20, default="", blank=True)),
        migrations.AddField("dispatch", "failure", models.CharField(max_length=30, default="", blank=True)),
        migrations.AddField("dispatch", "rejection_sealed", models.BinaryField(null=True)),
    ]
