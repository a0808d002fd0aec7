from django.db import migrations


class Migration(migrations.Migration):
    """Every tip has a mailbox: until now each its own."""

    dependencies = [("tips", "0003_doors")]

    operations = [
        migrations.RunSQL(
            [
                "UPDATE tips_tip SET box_tag = mailbox_tag WHERE box_tag = ''",
                "UPDATE tips_reportercopy SET box_tag = tag WHERE box_tag = ''",
            ],
            migrations.RunSQL.noop,
        )
    ]
