"""The journey by keyboard alone, JavaScript off and on."""

from playwright.sync_api import Page


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_the_first_tab_leads_past_the_header(keyboard: Page) -> None:
    keyboard.goto("/")
    keyboard.keyboard.press("Tab")
    assert keyboard.locator("a.skip:focus").is_visible()
    keyboard.keyboard.press("Enter")
    assert keyboard.url.endswith("#main")


def test_from_the_start_to_the_confirmation_by_keyboard_alone(keyboard: Page) -> None:
    keyboard.goto("/")
    tab_to(keyboard, "#education_level")
    keyboard.keyboard.press("ArrowDown")
    keyboard.keyboard.press("ArrowDown")
    assert keyboard.locator("#education_level-high_school").is_checked()
    tab_to(keyboard, "#postal_code")
    keyboard.keyboard.type("10940")
    tab_to(keyboard, "#query")
    keyboard.keyboard.type("medical records technician")
    keyboard.keyboard.press("Enter")
    keyboard.wait_for_url("**/results?*")
    tab_to(keyboard, "a.button")
    keyboard.keyboard.press("Enter")
    keyboard.wait_for_url("**/request?*")
    for name, typed in (("first_name", "Zo"), ("last_name", "Ex"), ("email", "zo@example.com")):
        tab_to(keyboard, f"#{name}")
        keyboard.keyboard.type(typed)
    tab_to(keyboard, "#age_18_or_over")
    keyboard.keyboard.press("Space")
    tab_to(keyboard, "main button")
    keyboard.keyboard.press("Enter")
    keyboard.wait_for_url("**/request/check*")
    tab_to(keyboard, "input[name=consent]")
    keyboard.keyboard.press("Space")
    tab_to(keyboard, "main button")
    keyboard.keyboard.press("Enter")
    keyboard.wait_for_url("**/requests/*")
    assert "on its way" in keyboard.locator("h1").inner_text()


def test_what_has_the_focus_is_outlined(keyboard: Page) -> None:
    keyboard.goto("/")
    tab_to(keyboard, "#postal_code")
    outline = keyboard.locator("#postal_code").evaluate("e => getComputedStyle(e).outlineWidth")
    assert outline == "3px"
