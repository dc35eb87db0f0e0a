"""What was set aside, and what was counted, is never changed either."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER quarantined_no_change BEFORE UPDATE OR DELETE ON voting_quarantine_ballots
    FOR EACH ROW EXECUTE FUNCTION voting_ballot_kept();
CREATE TRIGGER result_no_change BEFORE UPDATE OR DELETE ON voting_result
    FOR EACH ROW EXECUTE FUNCTION voting_ballot_kept();
CREATE TRIGGER result_row_no_change BEFORE UPDATE OR DELETE ON voting_resultrow
    FOR EACH ROW EXECUTE FUNCTION voting_ballot_kept();
"""

BACKWARD = """
DROP TRIGGER result_row_no_change ON voting_resultrow;
DROP TRIGGER result_no_change ON voting_result;
DROP TRIGGER quarantined_no_change ON voting_quarantine_ballots;
"""


class Migration(migrations.Migration):
    dependencies = [("voting", "0003_paper_polls_and_code_limits")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
