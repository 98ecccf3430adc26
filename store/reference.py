"""Reference data of the tables: districts and zones."""

from functools import cache

import pyarrow as pa

from extract.gazetteer import all_districts, all_zones
from store.database import Database
from store.schema import SCHEMAS, to_table


@cache
def district_rows() -> pa.Table:
    """Return the gazetteer as rows of `districts`."""
    districts = all_districts()
    schema = SCHEMAS["districts"]
    columns = {name: [getattr(one, name) for one in districts] for name in schema.names}
    columns["parent"] = [code or None for code in columns["parent"]]
    return pa.table(columns, schema=schema)


@cache
def zone_rows() -> pa.Table:
    """Return the zones as rows of `zones`."""
    rows = [
        [
            list(v) if isinstance(v, tuple) else v
            for v in (getattr(zone, name) for name in SCHEMAS["zones"].names)
        ]
        for zone in all_zones()
    ]
    return to_table("zones", rows)


def write_reference(db: Database) -> None:
    """Bring the tables of places up to what this version of bole knows of them."""
    for table, rows in (("districts", district_rows()), ("zones", zone_rows())):
        names = ", ".join(rows.schema.names)
        if not db.arrow(f"select {names} from {table}").equals(rows):  # noqa: S608
            with db.transaction():
                db.delete(table, "true")
                db.insert(table, rows)
