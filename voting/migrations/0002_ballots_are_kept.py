"""A ballot that was acknowledged is never changed and never deleted."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION voting_ballot_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ballots are append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ballot_no_change BEFORE UPDATE OR DELETE ON voting_ballot
    FOR EACH ROW EXECUTE FUNCTION voting_ballot_kept();
CREATE TRIGGER quarantine_no_change BEFORE UPDATE OR DELETE ON voting_quarantine
    FOR EACH ROW EXECUTE FUNCTION voting_ballot_kept();
"""

BACKWARD = """
DROP TRIGGER quarantine_no_change ON voting_quarantine;
DROP TRIGGER ballot_no_change ON voting_ballot;
DROP FUNCTION voting_ballot_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("voting", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
