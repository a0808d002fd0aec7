"""Triggers: an audit row is never deleted, and only position and digest are ever set, once."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_auditrow
BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_auditrow
WHEN OLD.position IS NOT NULL OR OLD.digest IS NOT NULL OR NEW.position IS NULL OR NEW.digest IS NULL
  OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.actor IS NOT OLD.actor OR NEW.action IS NOT OLD.action
  OR NEW.object IS NOT OLD.object OR NEW.detail IS NOT OLD.detail
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
"""
POSTGRES = """
CREATE FUNCTION tocsin_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' THEN RAISE EXCEPTION 'audit rows are never deleted'; END IF;
  IF OLD.position IS NOT NULL OR OLD.digest IS NOT NULL OR NEW.position IS NULL OR NEW.digest IS NULL
    OR (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.object, NEW.detail::text)
       IS DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.object, OLD.detail::text)
  THEN RAISE EXCEPTION 'audit rows are never changed'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE ON audit_auditrow
FOR EACH ROW EXECUTE FUNCTION tocsin_audit_guard();
CREATE TRIGGER audit_guard_all BEFORE TRUNCATE ON audit_auditrow
FOR EACH STATEMENT EXECUTE FUNCTION tocsin_audit_guard();
"""


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        for statement in SQLITE.split("END;\n"):
            if statement.strip():
                schema_editor.execute(statement + "END;")
    else:
        schema_editor.execute(POSTGRES)
    apps.get_model("audit", "ChainHead").objects.create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
