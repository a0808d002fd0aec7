"""Triggers: beyond a draft, every item of a dispatch was confirmed as *reported* by a person, the items do not
change any more, and the route was confirmed."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER dispatch_only_reported BEFORE UPDATE OF state ON dispatch_dispatch
WHEN NEW.state <> 'draft' AND OLD.state = 'draft' AND (
  NOT EXISTS (SELECT 1 FROM dispatch_dispatchitem i WHERE i.dispatch_id = NEW.id)
  OR EXISTS (SELECT 1 FROM dispatch_dispatchitem i WHERE i.dispatch_id = NEW.id
             AND (i.role <> 'reported' OR i.role_confirmed_by_id IS NULL)))
BEGIN SELECT RAISE(ABORT, 'only identifiers that a person confirmed as reported may be dispatched'); END;
CREATE TRIGGER dispatch_route_confirmed BEFORE UPDATE OF state ON dispatch_dispatch
WHEN NEW.state NOT IN ('draft', 'rejected') AND NOT EXISTS (
  SELECT 1 FROM directory_route r WHERE r.id = NEW.route_id AND r.confirmed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the route was not confirmed by a person'); END;
CREATE TRIGGER dispatch_born_draft BEFORE INSERT ON dispatch_dispatch
WHEN NEW.state <> 'draft'
BEGIN SELECT RAISE(ABORT, 'a dispatch begins as a draft'); END;
CREATE TRIGGER dispatch_items_frozen BEFORE INSERT ON dispatch_dispatchitem
WHEN (SELECT state FROM dispatch_dispatch d WHERE d.id = NEW.dispatch_id) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'items are fixed once a dispatch is proposed'); END;
CREATE TRIGGER dispatch_items_kept BEFORE UPDATE OF role, role_confirmed_by_id, identifier_id, dispatch_id ON dispatch_dispatchitem
WHEN (SELECT state FROM dispatch_dispatch d WHERE d.id = OLD.dispatch_id) <> 'draft'
BEGIN SELECT RAISE(ABORT, 'items are fixed once a dispatch is proposed'); END;
"""
POSTGRES = """
CREATE FUNCTION tocsin_dispatch_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN RAISE EXCEPTION 'a dispatch begins as a draft'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> 'draft' AND OLD.state = 'draft' AND (
    NOT EXISTS (SELECT 1 FROM dispatch_dispatchitem i WHERE i.dispatch_id = NEW.id)
    OR EXISTS (SELECT 1 FROM dispatch_dispatchitem i WHERE i.dispatch_id = NEW.id
               AND (i.role <> 'reported' OR i.role_confirmed_by_id IS NULL)))
  THEN RAISE EXCEPTION 'only identifiers that a person confirmed as reported may be dispatched'; END IF;
  IF NEW.state NOT IN ('draft', 'rejected') AND NOT EXISTS (
    SELECT 1 FROM directory_route r WHERE r.id = NEW.route_id AND r.confirmed_at IS NOT NULL)
  THEN RAISE EXCEPTION 'the route was not confirmed by a person'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dispatch_guard BEFORE INSERT OR UPDATE OF state ON dispatch_dispatch
FOR EACH ROW EXECUTE FUNCTION tocsin_dispatch_guard();
CREATE FUNCTION tocsin_dispatch_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE parent bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN parent := NEW.dispatch_id; ELSE parent := OLD.dispatch_id; END IF;
  IF (SELECT state FROM dispatch_dispatch d WHERE d.id = parent) <> 'draft'
  THEN RAISE EXCEPTION 'items are fixed once a dispatch is proposed'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dispatch_item_guard BEFORE INSERT OR UPDATE OF role, role_confirmed_by_id, identifier_id, dispatch_id
ON dispatch_dispatchitem FOR EACH ROW EXECUTE FUNCTION tocsin_dispatch_item_guard();
"""


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in SQLITE.split("END;\n"):
            if statement.strip():
                schema_editor.execute(statement + "END;")
    else:
        schema_editor.execute(POSTGRES)


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0001_initial"), ("directory", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
