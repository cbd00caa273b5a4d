"""The page of many repositories in a real browser, as tests/test_browser.py does it for one run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from test_browser import BROWSER, DRIVER, colour, opened, press, visible
from test_fleet import PROGRAMS, write_reports
from test_reports import HOSTILE

from ov_migrate.report.fleet import read_fleet
from ov_migrate.report.formats import FLEET_SUFFIXES, render_fleet

pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="needs Chromium and its driver (apt-get install chromium chromium-driver)"
)
ROWS = "#repositories tbody tr"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleet")
    path = folder / "fleet.html"
    path.write_text(render_fleet(read_fleet([str(write_reports(folder))]), FLEET_SUFFIXES[".html"]))
    return path


@pytest.fixture
def browser(page: Path) -> Iterator[Chrome]:
    with opened(page) as driver:
        yield driver


def shown(browser: Chrome) -> list[str]:
    rows = browser.find_elements(By.CSS_SELECTOR, ROWS)
    return [row.find_element(By.CSS_SELECTOR, ".name").text for row in rows if row.is_displayed()]


def test_filters_by_state(browser: Chrome) -> None:
    assert len(shown(browser)) == len(PROGRAMS)
    press(browser, "button[data-state=ready]")
    assert shown(browser) == ["acme/ready"]
    press(browser, "button[data-state=done]")
    assert shown(browser) == ["acme/ready", "other/done"]
    assert visible(browser, "details.file") == 0
    assert browser.find_element(By.ID, "nothing").is_displayed()


def test_filters_by_rule(browser: Chrome) -> None:
    Select(browser.find_element(By.ID, "rule")).select_by_visible_text("OVM215 port-layout")
    assert shown(browser) == ["acme/by-hand"]
    assert visible(browser, "#rules tbody tr") == 1
    press(browser, "#open")
    assert visible(browser, ".site") == visible(browser, ".site[data-rule='OVM215 port-layout']") > 0


def test_search(browser: Chrome) -> None:
    search = browser.find_element(By.ID, "search")
    search.send_keys("other/")
    assert shown(browser) == ["other/failed", "other/done"]
    search.clear()
    search.send_keys("onerror=alert")
    assert shown(browser) == ["acme/by-hand"]


def test_sorts_by_columns(browser: Chrome) -> None:
    def column(number: int) -> list[int]:
        cells = browser.find_elements(By.CSS_SELECTOR, f"{ROWS} td:nth-child({number})")
        return [int(cell.text) for cell in cells]

    press(browser, "#repositories th:nth-child(1) button")
    assert shown(browser) == sorted(PROGRAMS)
    press(browser, "#repositories th:nth-child(1) button")
    assert shown(browser) == sorted(PROGRAMS, reverse=True)
    press(browser, "#repositories th:nth-child(7) button")
    assert column(7) == sorted(column(7), reverse=True)
    press(browser, "#repositories th:nth-child(7) button")
    assert column(7) == sorted(column(7))


def test_a_repository_leads_to_what_is_left_of_it(browser: Chrome) -> None:
    assert visible(browser, ".site") == 0
    browser.find_element(By.LINK_TEXT, "acme/by-hand").click()
    assert visible(browser, ".site") > 0
    assert visible(browser, "details.file[open]") == 1


def test_keys(browser: Chrome) -> None:
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys("o")
    assert visible(browser, "details.file[open]") == 2
    body.send_keys("c")
    assert visible(browser, "details.file[open]") == 0
    body.send_keys("/")
    browser.switch_to.active_element.send_keys("tools")  # letters of keys, in a field
    assert browser.find_element(By.ID, "search").get_attribute("value") == "tools"


def test_light_and_dark(browser: Chrome) -> None:
    before = colour(browser)
    press(browser, "#theme")
    assert colour(browser) != before


def test_no_text_runs_over_a_phone(browser: Chrome) -> None:
    browser.set_window_size(500, 900)
    press(browser, "#open")
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_hostile_text_stays_text(browser: Chrome) -> None:
    press(browser, "#open")
    assert HOSTILE in browser.find_element(By.TAG_NAME, "body").text
    assert browser.find_elements(By.TAG_NAME, "img") == []
