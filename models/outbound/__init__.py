"""The guarded way out: vetted addresses only, for workers and for what the service must ask."""
