"""A ballot that is committed waits for the log; what was logged, signed, decided or published is not changed."""

from django.db import migrations

KEPT = ("voting_entry", "voting_checkpoint", "voting_publication", "voting_case_ballots", "voting_alarm_ballots")

FORWARD = """
CREATE FUNCTION voting_ballot_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO voting_waiting (ballot_id, poll_id) SELECT id, poll_id FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER ballot_waits AFTER INSERT ON voting_ballot
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION voting_ballot_waits();
CREATE FUNCTION voting_case_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.decision = '' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a decided case is kept: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER case_no_change BEFORE UPDATE OR DELETE ON voting_case
    FOR EACH ROW EXECUTE FUNCTION voting_case_kept();
""" + "".join(
    f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION voting_ballot_kept();\n"
    for table in KEPT
)

BACKWARD = "".join(f"DROP TRIGGER {table}_no_change ON {table};\n" for table in KEPT) + """
DROP TRIGGER case_no_change ON voting_case;
DROP FUNCTION voting_case_kept();
DROP TRIGGER ballot_waits ON voting_ballot;
DROP FUNCTION voting_ballot_waits();
"""


class Migration(migrations.Migration):
    dependencies = [("voting", "0005_the_public_record")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
