"""The map: drawn without the internet, and a filter for the list beside it."""

import contextlib
import math
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

import pytest
from playwright.sync_api import FloatRect, Page, TimeoutError, expect

from components.offering_map import HEIGHT, NARROWEST
from demo.server import RunningDemo
from tests.browser.conftest import SECONDS, NewPage, wait_until
from tests.browser.settled import settled
from tests.browser.tables import cell, table

SignIn = Callable[..., None]
TRIES = 3
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def drawn(page: Page) -> FloatRect:
    """Where the map is, once it has its size; a canvas begins with 300 by 150 pixels."""
    settled(page)
    canvas = page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first
    found: list[FloatRect] = []

    def sized() -> bool:
        # A map that gives way to another one has no place between the two.
        box = canvas.bounding_box()
        if box is None or box["height"] != HEIGHT:
            return False
        found.append(box)
        return True

    canvas.wait_for()
    wait_until(sized, "the map has its size")
    return found[0]


def answers(page: Page, x: float, y: float, tooltip: str) -> bool:
    """Whether a place of the map shows this tooltip to the mouse.

    A map that gives way to another one stands beside it for a moment, with a tooltip of its own.
    """
    page.mouse.move(x - 40, y - 40)
    page.mouse.move(x, y, steps=4)
    shown = page.locator(".deck-tooltip", has_text=tooltip).locator("visible=true")
    return shown.count() > 0


def choose(page: Page, x: float, y: float, tooltip: str) -> None:
    """Clicks a point of the map, once it answers to the mouse with its tooltip.

    A second click would let go of it again, so the first one must come when the map is ready. A
    map drawn by software can lose it all the same; it is clicked again while nothing is chosen.
    """
    chosen = page.get_by_role("heading", name="At the chosen places")
    for _ in range(TRIES):
        wait_until(lambda: answers(page, x, y, tooltip), "the map shows what is under the mouse")
        # The map looks for what is under the mouse when it draws, and loses a click before that.
        page.evaluate(TWO_FRAMES)
        page.mouse.click(x, y)
        with contextlib.suppress(TimeoutError):
            chosen.wait_for(timeout=SECONDS * 1000 / TRIES)
            return
    expect(chosen).to_be_visible()


def test_choosing_a_place_filters_the_list(page: Page, sign_in: SignIn) -> None:
    """A click on the only point of a filter leaves its offerings in the list."""
    with page.expect_response("**/world.geojson"):
        sign_in(page, "/map?q=Kratt supercomputer")
        table(page)
    page.get_by_role("button", name="Fit to view").click()
    box = drawn(page)
    # One place alone stands in the middle of the map.
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    choose(page, x, y, "Kratt supercomputer")
    expect(page.get_by_role("heading", name="At the chosen places")).to_be_visible()
    expect(page.get_by_text("1 offering")).not_to_have_count(0)


def laser_labs(
    page: Page, sign_in: SignIn, demo: RunningDemo
) -> tuple[dict[str, tuple[float, float]], FloatRect]:
    """Where these offerings are, by name, and the map of them."""
    places = {
        each.name: (each.columns["latitude"], each.columns["longitude"])
        for each in demo.world.offerings.values()
        if "laser lab" in each.name.lower()
    }
    sign_in(page, "/map?q=laser lab")
    expect(page.get_by_text(f"{len(places)} offerings. Click points")).to_be_visible()
    return places, drawn(page)


@pytest.mark.parametrize("name", ["<script>document", "<img src=http://127.0.0.1:9/x"])
def test_a_hostile_name_is_text_in_the_tooltip(page: Page, sign_in: SignIn, name: str) -> None:
    """Nothing runs and nothing loads; the window of the test watches requests and dialogs."""
    sign_in(page, f"/map?{urlencode({'q': name})}")
    table(page)
    box = drawn(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    wait_until(lambda: answers(page, x, y, name), "it is in the middle")

    assert page.locator(".deck-tooltip").locator("script, img").count() == 0
    assert "owned" not in page.title()


def test_a_tooltip_stays_on_the_map(page: Page, sign_in: SignIn, demo: RunningDemo) -> None:
    """At the outermost points too; what left the map would be cut off."""
    places, box = laser_labs(page, sign_in, demo)
    for name, place in places.items():
        left, top = offset(place, list(places.values()), box["height"])
        x, y = box["x"] + box["width"] / 2 + left, box["y"] + box["height"] / 2 + top
        wait_until(partial(answers, page, x, y, name), f"{name} is there")
        tip = page.locator(".deck-tooltip > div", has_text=name).bounding_box()

        assert tip is not None
        assert box["x"] <= tip["x"] <= tip["x"] + tip["width"] <= box["x"] + box["width"]
        assert box["y"] <= tip["y"] <= tip["y"] + tip["height"] <= box["y"] + box["height"]


def test_fitting_undoes_what_the_mouse_did(page: Page, sign_in: SignIn) -> None:
    """Though the map was fitted to the same offerings before."""
    sign_in(page, "/map?q=Kratt supercomputer")
    table(page)
    box = drawn(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    wait_until(lambda: answers(page, x, y, "Kratt supercomputer"), "it is in the middle")
    page.mouse.move(x + 60, y)
    page.mouse.down()
    page.mouse.move(x + 160, y + 100, steps=8)
    page.mouse.up()
    wait_until(lambda: not answers(page, x, y, "Kratt supercomputer"), "it was moved away")
    page.get_by_role("button", name="Fit to view").click()
    drawn(page)

    wait_until(lambda: answers(page, x, y, "Kratt supercomputer"), "it is in the middle again")


def test_a_narrow_window_has_the_map_above_the_list(new_page: NewPage, sign_in: SignIn) -> None:
    """Each as wide as the page, and the map as wide as what is on it needs."""
    page = new_page(width=900)
    sign_in(page, "/map")
    place = table(page).bounding_box()
    box = drawn(page)

    assert place is not None
    assert place["y"] > box["y"] + box["height"]
    assert box["width"] >= NARROWEST
    assert place["width"] >= 0.9 * NARROWEST


def test_what_is_not_on_the_map_is_listed_with_its_reason(page: Page, sign_in: SignIn) -> None:
    """Counted in the heading, and one line each."""
    sign_in(page, "/map")
    page.get_by_text("are not on the map").click()

    expect(page.locator("td", has_text="a point in the Atlantic").first).to_be_attached()


def test_one_of_several_places_filters_the_list(
    page: Page, sign_in: SignIn, demo: RunningDemo
) -> None:
    """The click lands where the offering stands, and clearing the selection shows all again."""
    places, box = laser_labs(page, sign_in, demo)
    left, top = offset(places["Laser lab Reiher"], list(places.values()), box["height"])
    x, y = box["x"] + box["width"] / 2 + left, box["y"] + box["height"] / 2 + top
    choose(page, x, y, "Laser lab Reiher")
    expect(page.get_by_text(f"1 of {len(places)} offerings.")).to_be_visible()
    assert cell(page, 2, 0) == "Laser lab Reiher"
    page.get_by_test_id("stDeckGlJsonChart").hover(position={"x": 20, "y": 20})
    page.get_by_role("button", name="Clear selection").click()
    expect(page.get_by_text(f"{len(places)} offerings. Click points")).to_be_visible()


def offset(
    place: tuple[float, float], places: list[tuple[float, float]], height: float
) -> tuple[float, float]:
    """Pixels from the middle of a map that was fitted to `places`, right and down, to `place`.

    The world of web Mercator is 512 pixels wide at zoom 0. The product fits into 80 % of the
    narrowest map.
    """
    easts = [longitude / 360 for _, longitude in places]
    norths = [mercator(latitude) for latitude, _ in places]
    world = 0.8 * min(NARROWEST / (max(easts) - min(easts)), height / (max(norths) - min(norths)))
    return (
        (place[1] / 360 - (min(easts) + max(easts)) / 2) * world,
        ((min(norths) + max(norths)) / 2 - mercator(place[0])) * world,
    )


def mercator(latitude: float) -> float:
    """Height above the equator as a share of the world's."""
    return math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)
