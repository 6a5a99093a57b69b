"""Settings, queue names, logging; read only by the doors."""
