"""A figure that was reported is not changed; a correction is a row of its own."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION indicators_value_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'reported figures are kept: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER value_no_change BEFORE UPDATE OR DELETE ON indicators_value
    FOR EACH ROW EXECUTE FUNCTION indicators_value_kept();
"""

BACKWARD = """
DROP TRIGGER value_no_change ON indicators_value;
DROP FUNCTION indicators_value_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
