"""Foreign keys never name a merged record, but its survivor, whoever writes them."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0009_journal_mail_log"),
    ]

    operations = [
        SHORT_LOCKS,
        pgtrigger.migrations.AddTrigger(
            model_name="participation",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."person_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."person_id" IS NOT DISTINCT FROM OLD."person_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."person_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="6ce33ae73c1f919f0eeef5e07ec7fd7fb6e95401",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_person_fb785",
                    table="interactions_participation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="participation",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_company",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."company_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."company_id" IS NOT DISTINCT FROM OLD."company_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."company_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="7911abc24efbb573d79cd45f2ed91034b5eaaf32",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_company_8f3f9",
                    table="interactions_participation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."person_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."person_id" IS NOT DISTINCT FROM OLD."person_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."person_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="1b6db665d22899af7cfee18cd6b02377a294fe55",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_person_55603",
                    table="interactions_task",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_company",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."company_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."company_id" IS NOT DISTINCT FROM OLD."company_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."company_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="e91e5dae26b454b5710bda414a96131e74df6586",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_company_be9e9",
                    table="interactions_task",
                    when="BEFORE",
                ),
            ),
        ),
    ]
