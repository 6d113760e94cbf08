# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The page of a report: as text, and in a headless Chromium with 3, 50 and 500 applications."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ansible_collections.launchkit.aws.plugins.filter.report_page import report_page
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.report_account import (
    HOSTILE,
    OPTIONS,
    healthy,
    page_of,
    various,
)

from tests.pages.browser import browser_path, running

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "roles" / "report" / "templates"
SCREENSHOTS = ROOT / ".build" / "pages"
ESCAPE, ENTER = "\ue00c", "\ue007"
NUMBERS = (3, 50, 500)


def render(page, template="report.html.j2", **variables):
    variables = {"title": "Launch report", "failed_hosts": [], "thresholds": OPTIONS["thresholds"], **variables}
    return report_page(page, str(TEMPLATES / template), variables)


def hostile(number):
    """A page in which every text that AWS takes from people is hostile."""
    builder = various(number)
    healthy(builder, "plain", tags={"Owner": HOSTILE, "aws:cloudformation:stack-name": HOSTILE})
    builder.role("other", inline={HOSTILE: {}}).profile("other", "other").template("web", "other", HOSTILE)
    builder.configuration(HOSTILE, "other", HOSTILE, InstanceType=HOSTILE)
    builder.group(HOSTILE, HOSTILE, instances=1, AvailabilityZones=[HOSTILE])
    builder.images[HOSTILE] = None
    accepted = [{"finding": "few_zones", "application": "*", "reason": HOSTILE}]
    accepted.append({"finding": "orphan", "application": HOSTILE, "reason": HOSTILE})
    return page_of(builder.account(denied=(HOSTILE,)), accepted_findings=accepted, owner_tags=["Owner", HOSTILE])


class Tags(HTMLParser):
    """Collects the elements with the names of their attributes, and the scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.urls, self.scripts, self._in_script = set(), [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.add((tag, tuple(sorted(name for name, dummy in attrs))))
        self.urls += [value for name, value in attrs if name in ("href", "src", "action")]
        self._in_script = tag == "script"

    def handle_data(self, data):
        if self._in_script:
            self.scripts.append(data)
            self._in_script = False


def test_names_stay_text():
    page = hostile(10)
    plain = Tags(render(page_of(various(10).account())))
    tags = Tags(render(page, title=HOSTILE, failed_hosts=[HOSTILE]))
    assert {name for name, dummy in tags.elements} - {name for name, dummy in plain.elements} <= {"ul", "li", "small"}
    assert not [names for dummy, names in tags.elements if "onerror" in names]
    assert tags.scripts == plain.scripts
    assert len(tags.scripts) == 1


def test_page_loads_nothing():
    text = render(hostile(3))
    tags = Tags(text)
    assert [url for url in tags.urls if not url.startswith(("https://docs.aws.amazon.com/", "#"))] == []
    assert not {"link", "img", "iframe", "object"} & {name for name, dummy in tags.elements}
    assert re.findall(r"url\((?!#)|@import", text) == []
    (policy,) = re.findall(r"script-src '(sha256-[^']+)'", text.replace("&#39;", "'"))
    assert policy == "sha256-" + base64.b64encode(hashlib.sha256(tags.scripts[0].encode()).digest()).decode()


def test_markdown_keeps_names_as_text():
    text = render(hostile(3), "report.md.j2", title=HOSTILE)
    outside = re.sub(r"```mermaid\n.*?\n```\n|(`+) .*? \1|`[^`\n]*`", "", text, flags=re.DOTALL)
    assert re.findall(r"(?<!\\)<", outside) == []
    for chart in re.findall(r"```mermaid\n(.*?)\n```\n", text, flags=re.DOTALL):
        labels = re.findall(r'^  n\d\["(.*)"\]:::\w+$', chart, flags=re.MULTILINE)
        assert len(labels) == 5
        assert not [label for label in labels if re.search(r'["`<>{}]', label.replace("<br/>", ""))]


def test_failed_hosts_are_named():
    assert "Not in this report: production-eu." in render(page_of(various(3).account()), failed_hosts=["production-eu"])


def test_empty_account_has_a_page():
    text = render(page_of(various(0).account()))
    assert "every chain is whole" in text


@pytest.fixture(scope="module")
def browser():
    path = browser_path()
    if path is None:
        # The other tests of the page need no browser, and not every machine can install one.
        pytest.skip("Chromium or its driver is not installed: apt-get install chromium chromium-driver")
    with running(path) as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages by the number of their applications."""
    folder = tmp_path_factory.mktemp("pages")
    for number in NUMBERS:
        (folder / f"{number}.html").write_text(render(page_of(various(number).account())), encoding="utf-8")
    return {number: folder / f"{number}.html" for number in NUMBERS}


def shown(browser):
    """Return the names of the applications that are displayed, in their order."""
    return browser.run("[...document.querySelectorAll('.row:not([hidden])')].map(row => row.dataset.name)")


def change(browser, identifier, value):
    script = "(field => {field.value = arguments[1]; field.dispatchEvent(new Event(arguments[2]))})(document.getElementById(arguments[0]))"
    browser.run(script, identifier, value, "input" if identifier == "search" else "change")


@pytest.mark.parametrize("number", NUMBERS)
def test_page_opens_in_under_two_seconds(browser, pages, number):
    # Of the processor, so that a busy machine is no failure.
    browser.devtools("Performance.enable", timeDomain="threadTicks")
    browser.open(pages[number])
    metrics = {each["name"]: each["value"] for each in browser.devtools("Performance.getMetrics")["metrics"]}
    browser.devtools("Performance.disable")
    assert 0 < metrics["TaskDuration"] < 2
    assert browser.run("performance.getEntriesByType('resource').length") == 0
    assert len(shown(browser)) == browser.run("document.querySelectorAll('.row').length") == number


def test_page_is_searched_filtered_and_sorted(browser, pages):
    browser.open(pages[50])
    everything = shown(browser)
    change(browser, "search", "SHOP staging")
    assert shown(browser) == [name for name in everything if "shop-staging" in name] != []
    browser.press(ESCAPE)
    assert shown(browser) == everything
    browser.run("document.getElementById('broken').click()")
    broken = shown(browser)
    assert 0 < len(broken) < 50
    browser.run("document.querySelector('[data-severity=critical]').click()")
    assert set(shown(browser)) < set(broken)
    browser.press(ESCAPE)
    browser.run("document.querySelector('[data-finding=administrator_access]').click()")
    assert len(shown(browser)) == 5
    assert browser.run("document.getElementById('count').textContent") == "5 of 50"
    browser.press(ESCAPE)
    change(browser, "sort", "name")
    assert shown(browser) == sorted(everything)
    change(browser, "sort", "severity")
    assert shown(browser) == everything
    change(browser, "search", "nothing has this name")
    assert browser.run("document.getElementById('nothing').hidden") is False
    browser.run("document.getElementById('reset').click()")
    assert shown(browser) == everything


def test_page_works_by_keyboard(browser, pages):
    browser.open(pages[3])
    browser.press("j", "j", ENTER)
    assert browser.run("[...document.querySelectorAll('.row')].map(row => row.open)") == [False, True, False]
    browser.press("k")
    assert browser.run("document.activeElement.closest('.row').dataset.rank") == "1"
    browser.press("/")
    assert browser.run("document.activeElement.id") == "search"
    # In the search field, letters are text.
    browser.press("e", "t")
    assert browser.run("document.getElementById('search').value") == "et"
    browser.press(ESCAPE, "e")
    assert browser.run("[...document.querySelectorAll('.row')].every(row => row.open)")
    browser.press("t")
    assert browser.run("document.documentElement.dataset.theme") == "dark"


def test_page_runs_no_script_of_names(browser, tmp_path):
    path = tmp_path / "hostile.html"
    path.write_text(render(hostile(3), title="Launch report"), encoding="utf-8")
    browser.open(path)
    assert browser.run("document.title") == "Launch report"
    assert HOSTILE.casefold() in browser.run(
        "[...document.querySelectorAll('.row h3')].map(each => each.textContent.toLowerCase())"
    )
    injected = "(() => {const script = document.createElement('script'); script.textContent = 'document.title = 3'; document.body.append(script)})()"
    browser.run(injected)
    assert browser.run("document.title") == "Launch report"


def contrasts(browser):
    """Return the lowest contrast of text to its background in the page, by the formula of WCAG 2."""
    return browser.run(
        """(() => {
        const parse = color => (color.match(/[\\d.]+/g) || []).map(Number);
        const luminance = color => parse(color).slice(0, 3).map(value => value / 255)
            .map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
            .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
        const background = element => {
            for (let each = element; each; each = each.parentElement) {
                const color = getComputedStyle(each).backgroundColor, parts = parse(color);
                if (parts.length === 3 || parts[3] === 1) { return color; }
            }
            return "rgb(255, 255, 255)";
        };
        return Math.min(...[...document.querySelectorAll("h1,h2,h3,p,b,small,.pill,dt,dd,button,text,a")].map(element => {
            const style = getComputedStyle(element);
            const pair = [element.tagName === "text" ? style.fill : style.color, background(element)].map(luminance).sort((a, b) => b - a);
            return (pair[0] + 0.05) / (pair[1] + 0.05);
        }));
        })()"""
    )


@pytest.mark.parametrize(
    ("name", "number", "size", "scheme"),
    [
        ("desktop", 50, (1300, 1400), "light"),
        ("dark", 3, (1300, 1000), "dark"),
        ("phone", 3, (390, 2400), "light"),
        ("many", 500, (1600, 1200), "light"),
    ],
)
def test_page_fits_and_is_legible(browser, pages, name, number, size, scheme):
    browser.size(*size, mobile=name == "phone")
    browser.media(scheme=scheme)
    browser.open(pages[number])
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    browser.screenshot(SCREENSHOTS / f"{name}.png")
    assert browser.run("document.documentElement.scrollWidth") <= size[0]
    # It computes each style, which takes half a minute for 500 applications of the same styles.
    assert number > 50 or contrasts(browser) >= 4.5
    # The links of the chain are beside each other, and on a phone below each other.
    tops = browser.run(
        "[...document.querySelector('.chain').querySelectorAll('.link')].map(link => link.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == (5 if name == "phone" else 1)


def test_page_prints_all_findings(browser, pages):
    browser.media("print")
    browser.open(pages[50])
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("[...document.querySelectorAll('.more')].every(each => each.open)")
    assert browser.run("getComputedStyle(document.querySelector('.tools')).display") == "none"
    browser.media()
