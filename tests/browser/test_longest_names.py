"""Pages with the longest names of the catalog, on a phone, in each language: all can be read."""

import pytest
from playwright.sync_api import Browser as Chromium

from service.messages import LOCALES
from tests.browser.longest import longest_states
from tests.browser.looking import scrolls_sideways
from tests.support.chromium import ChromiumBrowser
from tests.support.running import RunningSystem

pytestmark = pytest.mark.slow

# What is cut off, what stands out of the window, and what can be pressed through something else.
_AMISS = """() => {
  const seen = [...document.querySelectorAll('body *')].filter(one =>
    one.checkVisibility({visibilityProperty: true}) && !one.closest('.hidden, .skip, .live, svg'));
  const words = one => one.outerHTML.slice(0, 120);
  const cut = seen.filter(one => getComputedStyle(one).overflowX !== 'visible'
    && !one.matches('input, select, textarea') && one.scrollWidth > one.clientWidth + 1);
  const out = seen.filter(one => one.getBoundingClientRect().right > innerWidth + 1);
  const pressed = seen.filter(one => one.matches('a, button, input, select, summary'));
  const boxes = pressed.flatMap(one => [...one.getClientRects()].map(box => ({one, box})));
  const crossed = boxes.filter(({one, box}, at) => boxes.slice(at + 1).some(other =>
    other.one !== one && !one.contains(other.one)
    && Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left) > 2
    && Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top) > 2));
  return [...cut.map(words), ...out.map(words), ...crossed.map(({one}) => words(one))];
}"""


@pytest.mark.parametrize("speaks", LOCALES)
def test_nothing_is_cut_off_or_covered(
    browser: Chromium, running_system: RunningSystem, speaks: str
) -> None:
    for name, go in longest_states(running_system).items():
        student = ChromiumBrowser(
            browser,
            running_system.url,
            speaks=speaks,
            java_script_enabled=True,
            viewport={"width": 320, "height": 900},
        )
        go(student)
        assert not scrolls_sideways(student.page, 320), name
        assert student.page.evaluate(_AMISS) == [], name
        student.close()
