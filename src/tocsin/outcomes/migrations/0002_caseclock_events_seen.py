from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0001_initial")]
    operations = [
        migrations.AddField("caseclock", "events_seen", models.PositiveIntegerField(null=True)),
    ]
