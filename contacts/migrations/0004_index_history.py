"""History is found by row, by time, and by user and time; built beside the running site."""

import django.db.models.deletion
from django.db import migrations, models

from crm.migrating import AddIndexAgain, name_users


class Migration(migrations.Migration):
    atomic = False  # indexes are built concurrently
    dependencies = [
        ("contacts", "0003_history_says_who"),
    ]

    operations = [
        name_users(
            "contacts", "CompanyEvent", "EmailAddressEvent", "PersonEvent", "PhoneNumberEvent", "PostalAddressEvent"
        ),
        AddIndexAgain(
            model_name="companyevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="company_event_row"),
        ),
        AddIndexAgain(
            model_name="companyevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="company_event_time"),
        ),
        AddIndexAgain(
            model_name="companyevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"], include=("pgh_label",), name="company_event_user"
            ),
        ),
        AddIndexAgain(
            model_name="emailaddressevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="emailaddress_event_row"),
        ),
        AddIndexAgain(
            model_name="emailaddressevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="emailaddress_event_time"),
        ),
        AddIndexAgain(
            model_name="emailaddressevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"],
                include=("pgh_label",),
                name="emailaddress_event_user",
            ),
        ),
        AddIndexAgain(
            model_name="personevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="person_event_row"),
        ),
        AddIndexAgain(
            model_name="personevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="person_event_time"),
        ),
        AddIndexAgain(
            model_name="personevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"], include=("pgh_label",), name="person_event_user"
            ),
        ),
        AddIndexAgain(
            model_name="phonenumberevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="phonenumber_event_row"),
        ),
        AddIndexAgain(
            model_name="phonenumberevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="phonenumber_event_time"),
        ),
        AddIndexAgain(
            model_name="phonenumberevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"],
                include=("pgh_label",),
                name="phonenumber_event_user",
            ),
        ),
        AddIndexAgain(
            model_name="postaladdressevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="postaladdress_event_row"),
        ),
        AddIndexAgain(
            model_name="postaladdressevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="postaladdress_event_time"),
        ),
        AddIndexAgain(
            model_name="postaladdressevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"],
                include=("pgh_label",),
                name="postaladdress_event_user",
            ),
        ),
        AddIndexAgain(
            model_name="personevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="person_event_edit",
            ),
        ),
        AddIndexAgain(
            model_name="companyevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="company_event_edit",
            ),
        ),
        AddIndexAgain(
            model_name="emailaddressevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="emailaddress_event_edit",
            ),
        ),
        AddIndexAgain(
            model_name="phonenumberevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="phonenumber_event_edit",
            ),
        ),
        AddIndexAgain(
            model_name="postaladdressevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="postaladdress_event_edit",
            ),
        ),
        migrations.AlterField(
            model_name="companyevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="contacts.company",
            ),
        ),
        migrations.AlterField(
            model_name="emailaddressevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="contacts.emailaddress",
            ),
        ),
        migrations.AlterField(
            model_name="personevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="contacts.person",
            ),
        ),
        migrations.AlterField(
            model_name="phonenumberevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="contacts.phonenumber",
            ),
        ),
        migrations.AlterField(
            model_name="postaladdressevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="contacts.postaladdress",
            ),
        ),
    ]
