"""Comparing what was configured, and taking a change back."""

from models.domain.history import differences, put_back, rows_changed_since


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


def test_rows_that_others_changed_since_are_named_and_nothing_else() -> None:
    one, two = {"question_id": "gpa"}, {"question_id": "when", "options": [["a", "A", True]]}
    before, after = {"url": "old", "questions": [one]}, {"url": "new", "questions": []}
    assert rows_changed_since({"url": "newest", "questions": [two]}, before, after) == "questions"
    assert rows_changed_since({"url": "newest", "questions": []}, before, after) is None
    assert rows_changed_since({"questions": [one]}, before, after) is None, "as it was already"
    same = {"question_id": "when", "options": ((("a", "A", True)),)}
    assert rows_changed_since({"questions": (same,)}, before, {"questions": [two]}) is None
    plain = {"states": ["NY"]}, {"states": ["NJ"]}
    assert rows_changed_since({"states": ["CA"]}, *plain) is None
