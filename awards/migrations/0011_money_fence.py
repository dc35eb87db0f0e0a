"""The second fence behind the lock of the grant: what is paid stays within it, no day ends below zero."""

from django.db import migrations, models


TABLES = ("awards_disbursement", "awards_expense", "awards_repayment")

FORWARD = """
CREATE FUNCTION awards_grant_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
    whole numeric;
BEGIN
    IF TG_TABLE_NAME = 'awards_grant' THEN one := NEW.id; ELSE one := NEW.grant_id; END IF;
    -- Whoever comes second sees, once he has the row, what the first has committed.
    SELECT amount INTO whole FROM awards_grant WHERE id = one FOR NO KEY UPDATE;
    IF (SELECT sum(amount) FROM awards_disbursement WHERE grant_id = one) > whole THEN
        RAISE EXCEPTION 'grant % is paid more than it is', one USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT sum(sum(amount)) OVER (ORDER BY day) AS level FROM (
                SELECT paid_on AS day, amount FROM awards_disbursement WHERE grant_id = one
                UNION ALL
                SELECT spent_on, -amount FROM awards_expense WHERE grant_id = one
                UNION ALL
                SELECT paid_on, -amount FROM awards_repayment WHERE grant_id = one
            ) lines GROUP BY day
        ) days WHERE level < 0
    ) THEN
        RAISE EXCEPTION 'grant % is below zero on some day', one USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER awards_grant_holds AFTER UPDATE OF amount ON awards_grant
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION awards_grant_holds();
""" + "".join(
    f"CREATE CONSTRAINT TRIGGER {table}_holds AFTER INSERT ON {table}"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION awards_grant_holds();\n"
    for table in TABLES
)

BACKWARD = (
    "".join(f"DROP TRIGGER {table}_holds ON {table};\n" for table in TABLES)
    + "DROP TRIGGER awards_grant_holds ON awards_grant;\nDROP FUNCTION awards_grant_holds();"
)


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0010_objector_columns_dropped"),
        ("portal", "0002_record_triggers"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="expense",
            name="voucher_file",
        ),
        migrations.AddField(
            model_name="disbursement",
            name="receipt_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="repayment",
            name="receipt_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    models.Q(("closed_by__isnull", False), models.Q(("closing_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_closed_grant_says_who_and_why",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
