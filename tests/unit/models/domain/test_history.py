"""Comparing what was configured, and taking a change back."""

from models.domain.history import differences, put_back


def test_documents_are_compared_value_by_value_and_rows_by_their_names() -> None:
    before = {
        "status": "draft",
        "version": 1,
        "settings": {"fields": [{"to": "a", "from": "x"}, {"to": "b", "from": "y"}], "url": "u"},
    }
    after = {
        "status": "draft",
        "version": 2,
        "settings": {"fields": [{"to": "b", "from": "z"}, {"to": "a", "from": "x"}], "pace": "1/1"},
    }
    assert differences(before, after) == (
        (("settings", "fields", "b", "from"), "y", "z"),
        (("settings", "url"), "u", None),
        (("settings", "pace"), None, "1/1"),
    )
    assert differences(None, {"name": "A", "states": []}) == ((("name",), None, "A"),)


def test_rows_that_name_nothing_are_compared_by_their_places() -> None:
    assert differences({"rules": [{"is": "failed"}]}, {"rules": [{"is": "retry"}]}) == (
        (("rules", "1", "is"), "failed", "retry"),
    )


def test_taking_back_leaves_alone_what_the_change_did_not_touch() -> None:
    before = {"name": "A", "settings": {"url": "old", "to": "x"}, "gone": 1}
    after = {"name": "A", "settings": {"url": "new", "to": "x", "more": 1}}
    now = {"name": "B", "settings": {"url": "newest", "to": "y", "more": 1}, "other": 2}
    assert put_back(now, before, after) == {
        "name": "B",
        "settings": {"url": "old", "to": "y"},
        "gone": 1,
        "other": 2,
    }
