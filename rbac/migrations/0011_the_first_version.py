from django.db import migrations

from rbac.domain import first_grid

# What was published stays as it is, whoever asks: only the marks of the jobs of its day are written later.
FREEZE = """
CREATE FUNCTION rbac_published_grid_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version of the grid never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER rbac_published_version_stays BEFORE DELETE OR UPDATE OF
    number, state, effective_from, reason, proposed_by_id, proposed_at, first_published_by_id, published_by_id,
    published_at, discarded_at
ON rbac_gridversion FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION rbac_published_grid_stays();

CREATE FUNCTION rbac_published_boxes_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched integer;
    reached text;
BEGIN
    FOREACH touched IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.version_id]
        WHEN 'DELETE' THEN ARRAY[OLD.version_id]
        ELSE ARRAY[OLD.version_id, NEW.version_id]
    END LOOP
        -- The lock makes a box that is written while the version is published wait, and then be refused.
        SELECT state INTO reached FROM rbac_gridversion WHERE number = touched FOR SHARE;
        IF reached = 'published' THEN
            RAISE EXCEPTION 'a published version of the grid never changes'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rbac_published_cells_stay BEFORE INSERT OR UPDATE OR DELETE ON rbac_gridcell
    FOR EACH ROW EXECUTE FUNCTION rbac_published_boxes_stay();
CREATE TRIGGER rbac_published_switches_stay BEFORE INSERT OR UPDATE OR DELETE ON rbac_marketswitch
    FOR EACH ROW EXECUTE FUNCTION rbac_published_boxes_stay();
"""
THAW = """
DROP TRIGGER rbac_published_switches_stay ON rbac_marketswitch;
DROP TRIGGER rbac_published_cells_stay ON rbac_gridcell;
DROP FUNCTION rbac_published_boxes_stay();
DROP TRIGGER rbac_published_version_stays ON rbac_gridversion;
DROP FUNCTION rbac_published_grid_stays();
"""


def load(apps, schema_editor):
    first_grid.load(apps.get_model("rbac", "GridVersion"), apps.get_model("rbac", "GridCell"))


def freeze(apps, schema_editor):
    """SQLite, which serves nobody, is not asked: there the domain has no path to a change."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FREEZE)


def thaw(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(THAW)


class Migration(migrations.Migration):
    dependencies = [("rbac", "0010_the_grid")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunPython(freeze, thaw),
    ]
