"""What the outbox has and nobody was told of yet, found without reading every dispatch that was ever sent."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """An index."""

    dependencies = [("dispatch", "0004_supplements")]

    operations = [
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("message__isnull", False), ("sent_at__isnull", True)),
                fields=["id"],
                name="dispatches_to_follow",
            ),
        ),
    ]
