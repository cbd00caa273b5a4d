"""The HTML report in a real browser: Chromium and its driver, as Debian packages them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By

from ov_migrate.migrate import migrate_paths
from ov_migrate.report.formats import render
from ov_migrate.settings import Settings

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FIXTURES = Path(__file__).parent.parent / "fixtures"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"

pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="needs Chromium and its driver (apt-get install chromium chromium-driver)"
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "hostile.py").write_text(
        f'from openvino.inference_engine import IECore\nname = "{HOSTILE}"\nnet = IECore().read_network("{HOSTILE}")\n'
        "layout = net.input_info['x'].layout\n"
    )
    (folder / "broken.py").write_text("from openvino.inference_engine import IECore\nif\n")
    paths = [str(folder), *(str(path) for path in sorted(FIXTURES.glob("async_callback_*/before.py"))[:4])]
    path = folder / "report.html"
    path.write_text(render(migrate_paths(paths, Settings(write=False)), "html"))
    return path


@pytest.fixture
def browser(report: Path) -> Iterator[Chrome]:
    with opened(report) as driver:
        yield driver


@contextmanager
def opened(path: Path) -> Iterator[Chrome]:
    """A page in a browser, which has had nothing to complain of in the end."""
    options = ChromeOptions()
    options.binary_location = BROWSER or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1300,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, ChromeService(DRIVER))
    try:
        driver.get(path.as_uri())
        yield driver
        assert driver.get_log("browser") == []
    finally:
        driver.quit()


def visible(browser: Chrome, selector: str) -> int:
    return sum(element.is_displayed() for element in browser.find_elements(By.CSS_SELECTOR, selector))


def press(browser: Chrome, selector: str) -> None:
    browser.find_element(By.CSS_SELECTOR, selector).click()


def test_filters_by_verdict_and_step(browser: Chrome) -> None:
    every, manual = visible(browser, ".site"), visible(browser, ".site[data-kind=manual]")
    press(browser, "button[data-kind=manual]")
    assert 0 < visible(browser, ".site") == manual < every
    press(browser, "button[data-step=async]")
    assert visible(browser, ".site") == visible(browser, ".site[data-kind=manual][data-step=async]")
    press(browser, "button[data-kind=manual]")
    assert visible(browser, ".site") == visible(browser, ".site[data-step=async]") > 0
    press(browser, "button[data-step=async]")
    assert visible(browser, ".site") == every


def test_search(browser: Chrome) -> None:
    browser.find_element(By.ID, "search").send_keys("hostile.py")
    assert visible(browser, "details.file") == 1


def test_a_diff_opens_and_closes(browser: Chrome) -> None:
    press(browser, "#close")
    assert visible(browser, "table.diff") == 0
    browser.find_elements(By.CSS_SELECTOR, "details.file > summary")[-1].click()
    assert visible(browser, "table.diff") == 1


def test_keys(browser: Chrome) -> None:
    press(browser, "#close")
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys("j")
    first = browser.find_element(By.CSS_SELECTOR, ".current").get_attribute("id")
    browser.switch_to.active_element.send_keys("j")
    second = browser.find_element(By.CSS_SELECTOR, ".current").get_attribute("id")
    browser.switch_to.active_element.send_keys("k")
    assert first != second
    assert browser.find_element(By.CSS_SELECTOR, ".current").get_attribute("id") == first
    browser.switch_to.active_element.send_keys("/")
    browser.switch_to.active_element.send_keys("hostile", Keys.ESCAPE)
    assert visible(browser, "details.file") == 1


def colour(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")


def test_light_and_dark(browser: Chrome) -> None:
    before = colour(browser)
    press(browser, "#theme")
    assert colour(browser) != before


def test_no_text_runs_over_a_phone(browser: Chrome) -> None:
    browser.set_window_size(500, 900)  # the least that headless Chromium takes
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_hostile_text_stays_text(browser: Chrome) -> None:
    assert HOSTILE in browser.find_element(By.TAG_NAME, "body").text
    assert browser.find_elements(By.TAG_NAME, "img") == []
