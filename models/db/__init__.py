"""PostgreSQL: tables, repositories, migrations. Only the wiring touches it."""
