"""Frozen rules stay as they are, whoever writes to the table."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION nominations_rules_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL AND (
        OLD.seats, OLD.ratio, OLD.nominees, OLD.expert_weight, OLD.vote_weight, OLD.min_sheets, OLD.trim_from,
        OLD.tie_break, OLD.min_picks, OLD.max_picks, OLD.ballots_per, OLD.frozen_at, OLD.digest
    ) IS DISTINCT FROM (
        NEW.seats, NEW.ratio, NEW.nominees, NEW.expert_weight, NEW.vote_weight, NEW.min_sheets, NEW.trim_from,
        NEW.tie_break, NEW.min_picks, NEW.max_picks, NEW.ballots_per, NEW.frozen_at, NEW.digest
    ) THEN
        RAISE EXCEPTION 'the rules of edition % are frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edition_rules_frozen BEFORE UPDATE ON nominations_edition
    FOR EACH ROW EXECUTE FUNCTION nominations_rules_frozen();

CREATE FUNCTION nominations_dimension_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject bigint := coalesce(NEW.edition_id, OLD.edition_id);
BEGIN
    IF EXISTS (SELECT 1 FROM nominations_edition WHERE id = subject AND frozen_at IS NOT NULL) AND (
        TG_OP <> 'UPDATE' OR (OLD.code, OLD.weight) IS DISTINCT FROM (NEW.code, NEW.weight)
    ) THEN
        RAISE EXCEPTION 'the rules of edition % are frozen', subject USING ERRCODE = 'check_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER dimension_frozen BEFORE INSERT OR UPDATE OR DELETE ON nominations_dimension
    FOR EACH ROW EXECUTE FUNCTION nominations_dimension_frozen();
"""

BACKWARD = """
DROP TRIGGER dimension_frozen ON nominations_dimension;
DROP FUNCTION nominations_dimension_frozen();
DROP TRIGGER edition_rules_frozen ON nominations_edition;
DROP FUNCTION nominations_rules_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("nominations", "0002_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
