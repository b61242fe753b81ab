"""Foreign keys never name a merged record, but its survivor, whoever writes them."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0006_journal"),
        ("crm", "0022_imports"),
    ]

    operations = [
        SHORT_LOCKS,
        pgtrigger.migrations.AddTrigger(
            model_name="emailaddress",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."person_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."person_id" IS NOT DISTINCT FROM OLD."person_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."person_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="e80cb564e584aa0621fcf3d10b20a971bb678139",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_person_b5a55",
                    table="contacts_emailaddress",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="emailaddress",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_company",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."company_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."company_id" IS NOT DISTINCT FROM OLD."company_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."company_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="c08adba761c95cddbcf03da0ed4dbdd2d4f35b01",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_company_d29af",
                    table="contacts_emailaddress",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_company",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."company_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."company_id" IS NOT DISTINCT FROM OLD."company_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."company_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="f4a474ea114412fee1b75d96fcaae3f2782e3423",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_company_af387",
                    table="contacts_person",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."person_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."person_id" IS NOT DISTINCT FROM OLD."person_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."person_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="a89f1e8fd432a88128b9b319e431ee2409b0d262",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_person_38c11",
                    table="contacts_phonenumber",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_company",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."company_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."company_id" IS NOT DISTINCT FROM OLD."company_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."company_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="61da032e69047a466970172a6a556e700f9905b6",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_company_c4adb",
                    table="contacts_phonenumber",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postaladdress",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."person_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."person_id" IS NOT DISTINCT FROM OLD."person_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."person_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_person" WHERE "id" = NEW."person_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="2d8696d0e464bab906a0823cf209f736a3e1d275",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_person_651c4",
                    table="contacts_postaladdress",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postaladdress",
            trigger=pgtrigger.compiler.Trigger(
                name="follow_company",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE survivor bigint;",
                    func='IF NEW."company_id" IS NULL THEN RETURN NEW; END IF; IF TG_OP = \'UPDATE\' THEN IF NEW."company_id" IS NOT DISTINCT FROM OLD."company_id" THEN RETURN NEW; END IF; END IF; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; WHILE survivor IS NOT NULL LOOP NEW."company_id" := survivor; SELECT merged_into_id INTO survivor FROM "contacts_company" WHERE "id" = NEW."company_id" FOR KEY SHARE; END LOOP; RETURN NEW;',
                    hash="f833b8bd3f33e6b6007b2ba23079cfc4bc3dbd73",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_follow_company_13e8f",
                    table="contacts_postaladdress",
                    when="BEFORE",
                ),
            ),
        ),
    ]
