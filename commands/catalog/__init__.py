"""``schoolmatch catalog``: build, fetch, import, list, publish, roll back and compare catalogs."""
