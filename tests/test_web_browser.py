"""The web page in a real browser: all pages, keyboard, phone, dark, paper, and hostile articles."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest

from bole.web.marks import FOLDER, read_mark
from store import Store
from tests.offices import DAY
from tests.test_browser import ATTACKS, CHROMIUM
from tests.web_site import WATCH, chromium, make_site, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; `make browser` installs it"),
]
PAGES = {
    "today": "/",
    "facts": "/facts",
    "filtered": "/facts?district=320000&role=support&unit=CNY&order=highest",
    "fact": "/facts/{fact}",
    "policy-mention": "/facts/{mention}",
    "article": "/articles/{article}",
    "compare": "/compare?district=320411，330421，320322",
    "policies": "/policies",
    "policy": "/policies/{policy}",
    "districts": "/districts",
    "district": "/districts/320000",
    "search": "/search?q=人才",
    "sources": "/sources",
    "query": "/query?name=funds",
}
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
INERT = {"ran": False, "odd": 0, "handlers": 0, "links": 0, "refused": 0}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An office, its address, and what its pages are about."""
    settings = make_site(tmp_path_factory, tmp_path_factory.mktemp("web") / "office")
    with Store.open_snapshot(settings.data) as store:
        about = store.select(
            """
            select f.fact_id as fact, f.quote, f.article_id as article, m.policy_id as policy,
                m.fact_id as mention
            from figures f join articles a on a.id = f.article_id
            join policy_mentions m on m.article_id = a.id
            where a.id = 'script' and f.tier = 'doctor'
            """
        )[0]
        hostile = store.select(
            "select id from articles where starts_with(id, 'attack') order by id"
        )
    with served(settings) as address, chromium() as browser:
        yield {
            "pages": {},
            "said": [],
            "settings": settings,
            "address": address,
            "browser": browser,
            "about": about,
            "hostile": [row["id"] for row in hostile],
        }


def page_of(site, scheme):
    """Return the page of a colour scheme, as it was when the browser began."""
    if scheme not in site["pages"]:
        context = site["browser"].new_context(locale="zh-CN", color_scheme=scheme)
        context.add_init_script(WATCH)
        page = site["pages"][scheme] = context.new_page()
        page.on("console", lambda message: site["said"].append(message.text))
        page.on("pageerror", lambda error: site["said"].append(str(error)))
    page = site["pages"][scheme]
    page.context.clear_cookies()
    page.emulate_media(media="null", color_scheme=scheme)
    return page


@pytest.fixture
def opened(site):
    """Opens pages; at the end nothing has failed, been refused or been said on the console."""
    seen = []
    site["said"].clear()

    def open_page(path, *, viewport=DESK, quiet=True, scheme="light"):
        page = page_of(site, scheme)
        page.set_viewport_size(viewport)
        page.goto(site["address"] + path.format(**site["about"]))
        seen.append((page, quiet))
        return page

    yield open_page
    if all(quiet for _, quiet in seen):
        refused = [one for page, _ in seen for one in page.evaluate("window.refused")]
        assert (site["said"], refused) == ([], [])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(opened, name):
    page = opened(PAGES[name])
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.title().endswith("人才政策动态")
    unnamed = page.evaluate(
        """[...document.querySelectorAll("input:not([type=hidden]),select,textarea")].filter(
            (one) => !one.labels.length && !one.ariaLabel).map((one) => one.outerHTML)"""
    )
    assert unnamed == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator("nav[aria-label=主导航] a").first.is_visible()


def test_on_a_phone_the_answer_comes_before_the_form(opened):
    page = opened("/facts", viewport=PHONE)
    assert not page.locator("#role").is_visible()
    page.click("details.fold summary")
    assert page.locator("#role").is_visible()
    assert page.locator("table.facts thead").is_hidden()  # rows are cards with their own labels


def test_a_page_that_is_not_there_says_so(opened):
    page = opened("/nothing", viewport=PHONE, quiet=False)
    assert page.locator("h1").text_content() == "没有这一页"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize(
    "path",
    [
        "/facts?district=320322",
        "/policies",
        "/search?q=人才基金",
        "/query?sql=from figures",
        "/query?sql=from articles",
        "/districts/320322",
    ],
)
def test_lists_with_hostile_articles_are_inert(opened, path):
    page = opened(path)
    assert page.content().count("window.ran") > 0  # their words are there
    assert seen_in(page) == INERT


def test_hostile_articles_are_inert_and_no_wider_than_a_phone(opened, site):
    assert len(site["hostile"]) == len(ATTACKS)
    page = opened(f"/articles/{site['hostile'][0]}", viewport=PHONE)
    for number, article in enumerate(site["hostile"]):
        if number:
            page.goto(f"{site['address']}/articles/{article}")
        assert seen_in(page) == INERT
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        if number % 4 == 0:  # the page of a fact shows the same words in the same way
            page.locator("a.fact").first.click()
            assert seen_in(page) == INERT


def seen_in(page):
    """Return what an article could have brought into a page."""
    return page.evaluate(
        """() => ({
            ran: "ran" in window,
            odd: document.querySelectorAll(
                "main :is(img,iframe,object,embed,marquee,base,style,script)").length,
            handlers: [...document.querySelectorAll("*")].filter(
                (one) => [...one.attributes].some((a) => a.name.startsWith("on"))).length,
            links: [...document.querySelectorAll("main [href], main [action]")]
                .map((one) => one.getAttribute("href") ?? one.getAttribute("action"))
                .filter((address) => !/^(#|\\/|https?:)/.test(address)).length,
            refused: window.refused.length,
        })"""
    )


def test_what_should_not_run_is_refused(opened):
    page = opened("/", quiet=False)
    page.evaluate(
        """() => { const one = document.createElement("script"); one.textContent = "window.ran = 1";
        document.body.append(one); document.body.setAttribute("style", "color: red"); }"""
    )
    assert page.evaluate("'ran' in window") is False
    refused = {one.split()[0] for one in page.evaluate("window.refused")}
    assert refused == {"script-src-elem", "style-src-attr"}


def test_links_to_other_sites_tell_them_nothing(opened):
    page = opened("/articles/{article}")
    out = page.locator("main a.out")
    assert out.count() >= 1
    assert {link.get_attribute("rel") for link in out.all()} == {"noreferrer noopener"}


def test_the_keyboard_alone_leads_through_a_page(opened):
    page = opened("/facts")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator("a.skip").bounding_box()["x"] >= 0  # it is seen when it has the focus
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "district"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.type("徐州市")
    page.keyboard.press("Enter")
    page.wait_for_url("**/facts?district=*")
    assert page.locator("nav.tree strong").text_content() == "徐州市"


def test_a_slash_leads_to_the_search(opened):
    page = opened("/policies")
    page.keyboard.press("/")
    page.keyboard.type("人才")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert "人才" in page.locator("ol.hits mark").all_text_contents()


def test_a_form_leaves_what_is_empty_out_of_the_address(opened):
    page = opened("/facts")
    page.select_option("#role", "support")
    page.click("button.main")
    page.wait_for_url("**/facts?*")
    assert page.url.endswith("/facts?role=support&order=newest")
    shown = page.locator("table.facts").inner_text()
    page.goto(page.url)  # a deep link
    assert page.locator("table.facts").inner_text() == shown
    page.click("a.chip")
    page.wait_for_url(re.compile(r"/facts\?order=newest$"))


def test_names_of_districts_are_proposed(opened):
    page = opened("/facts")
    with page.expect_response("**/districts/suggest*"):
        page.locator("#district").press_sequentially("徐州")
    page.wait_for_selector("#district-names option", state="attached")
    assert page.locator("#district-names option").first.get_attribute("value") == "320300"


def test_a_fact_opens_at_its_words(opened, site):
    page = opened("/facts?article={article}")
    page.click(f"a.fact[href='/facts/{site['about']['fact']}']")
    raw, clean = page.locator("mark.on").all_text_contents()
    assert raw == site["about"]["quote"]
    assert clean != raw  # in simplified script
    assert page.locator("mark.on").first.is_visible()
    page.click("p.pages a")
    page.wait_for_url("**/articles/**")
    assert page.locator(":target").text_content() == raw


def test_issues_go_back_and_forth_by_day(opened):
    page = opened("/")
    page.click("a[rel=prev]")
    before = DAY - timedelta(days=1)
    assert page.url.endswith(f"/today/{before}")
    page.click("a[rel=next]")
    assert page.url.endswith(f"/today/{DAY}")
    page.select_option("#day", str(before))
    page.wait_for_url(f"**/today/{before}")
    assert str(before) in page.locator("h1").text_content()


def test_the_language_stays_as_it_was_chosen(opened):
    page = opened("/sources")
    page.click("a.lang")
    assert page.locator("h1").text_content() == "Sources"
    page.click("nav[aria-label=Main] a[href='/districts']")
    assert page.locator("h1").text_content() == "Districts"
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_fact_is_marked_and_the_mark_withdrawn(opened, site):
    about, folder = site["about"], site["settings"].data / FOLDER
    page = opened("/facts/{fact}")
    page.fill("#reviewer", "王五")
    page.click("button[value=right]")
    assert "王五" in page.locator("p.waits").text_content()
    assert read_mark(folder, about["fact"]).reviewer == "王五"
    page.click("details.mend summary")
    page.select_option("#m-qualifier", "nearly")
    page.click("button[value=corrected]")
    assert read_mark(folder, about["fact"]).fields["qualifier"] == "nearly"
    page.click("button[value=withdraw]")
    assert page.locator("p.waits").count() == 0
    assert read_mark(folder, about["fact"]) is None


def test_a_cell_of_a_comparison_opens_its_evidence(opened):
    page = opened(PAGES["compare"])
    cell = page.locator("table.matrix details").first
    assert not cell.locator("li").first.is_visible()
    cell.locator("summary").click()
    assert cell.locator("li a.cite").first.is_visible()
    cell.locator("li a.fact").first.click()
    assert page.locator("mark.on").count() == 2


def test_a_question_is_asked_by_the_keyboard(opened):
    page = opened("/query")
    page.fill("#sql", "select count(*) as n from figures")
    page.focus("#sql")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/query?sql=*")
    assert int(page.locator("table.plain td").text_content()) > 50


def test_a_tile_leads_to_its_district(opened):
    page = opened("/districts")
    page.locator("svg.treemap a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/districts/320000")
    assert page.locator("svg.bars rect").count() > 1


def luminance(page, selector, what):
    words = page.evaluate(f"getComputedStyle(document.querySelector('{selector}')).{what}")
    parts = [int(part) / 255 for part in re.findall(r"\d+", words)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_in_both_schemes(opened, scheme):
    page = opened("/facts", scheme=scheme)
    ground = luminance(page, "body", "backgroundColor")
    assert (ground < 0.1) is (scheme == "dark")
    for selector in ("body", "td a", ".soft", ".top .name", "thead th"):
        words = luminance(page, selector, "color")
        low, high = sorted((words, ground))
        assert (high + 0.05) / (low + 0.05) >= 4.5, selector


@pytest.mark.parametrize("name", ["facts", "fact", "compare"])
def test_paper_has_what_is_read_and_nothing_to_press(opened, name):
    page = opened(PAGES[name], scheme="dark")
    page.emulate_media(media="print")
    shown = page.evaluate(
        """[...document.querySelectorAll("nav, button, input, select")].filter(
            (one) => one.checkVisibility()).map((one) => one.outerHTML)"""
    )
    assert [one for one in shown if "crumbs" not in one] == []
    assert luminance(page, "body", "backgroundColor") > 0.9
    assert luminance(page, "h1", "color") < 0.1
    wide = page.evaluate("document.querySelector('main').scrollWidth - innerWidth")
    assert wide <= 0


def test_pages_read_in_the_order_of_their_headings(opened):
    page = opened("/districts/320000")
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3')].map((one) => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
