"""The record is append-only in the database itself, and each entry is linked as its transaction commits."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION portal_audit_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON portal_auditentry
    FOR EACH ROW EXECUTE FUNCTION portal_audit_frozen();
CREATE TRIGGER audit_link_no_change BEFORE UPDATE OR DELETE ON portal_auditlink
    FOR EACH ROW EXECUTE FUNCTION portal_audit_frozen();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON portal_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_frozen();
CREATE TRIGGER audit_link_no_truncate BEFORE TRUNCATE ON portal_auditlink
    FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_frozen();

CREATE FUNCTION portal_audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_seq bigint;
    last_hash text;
BEGIN
    -- One writer of the chain at a time; taken only at commit, when no other lock is still wanted.
    PERFORM pg_advisory_xact_lock(732050807);
    SELECT seq, hash INTO last_seq, last_hash FROM portal_auditlink ORDER BY seq DESC LIMIT 1;
    INSERT INTO portal_auditlink (seq, entry_id, hash) VALUES (
        coalesce(last_seq, 0) + 1,
        NEW.id,
        encode(sha256(convert_to(coalesce(last_hash, repeat('0', 64)) || NEW.body, 'UTF8')), 'hex')
    );
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER audit_entry_link AFTER INSERT ON portal_auditentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_audit_link();
"""

BACKWARD = """
DROP TRIGGER audit_entry_link ON portal_auditentry;
DROP FUNCTION portal_audit_link();
DROP TRIGGER audit_link_no_truncate ON portal_auditlink;
DROP TRIGGER audit_entry_no_truncate ON portal_auditentry;
DROP TRIGGER audit_link_no_change ON portal_auditlink;
DROP TRIGGER audit_entry_no_change ON portal_auditentry;
DROP FUNCTION portal_audit_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
