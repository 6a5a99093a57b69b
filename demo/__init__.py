"""Programs for demonstrations; they import nothing of ours."""
