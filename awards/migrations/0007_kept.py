"""A list says what it said when it was published; what was paid, spent, sent or heard is not changed."""

from django.db import migrations

KEPT = (
    "awards_shortlistaddition",
    "awards_noticerow",
    "awards_visitsync",
    "awards_visitreopening",
    "awards_hearing",
    "awards_disbursement",
    "awards_expense",
    "awards_voucher",
    "awards_repayment",
)

FORWARD = """
CREATE FUNCTION awards_row_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this is kept as it was written: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION awards_row_kept();\n"
    for table in KEPT
)

BACKWARD = (
    "".join(f"DROP TRIGGER {table}_no_change ON {table};\n" for table in KEPT)
    + "DROP FUNCTION awards_row_kept();"
)


class Migration(migrations.Migration):
    dependencies = [("awards", "0006_names_as_published")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
