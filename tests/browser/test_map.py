"""The map: drawn without the internet, and a filter for the list beside it."""

import contextlib
import math
from collections.abc import Callable

from playwright.sync_api import FloatRect, Page, TimeoutError, expect

from components.offering_map import HEIGHT
from demo.server import RunningDemo
from tests.browser.conftest import SECONDS, wait_until
from tests.browser.tables import cell, table

SignIn = Callable[..., None]
TRIES = 3
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def drawn(page: Page) -> FloatRect:
    """Where the map is, once it has its size; a canvas begins with 300 by 150 pixels."""
    canvas = page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first
    canvas.wait_for()

    def box() -> FloatRect:
        found = canvas.bounding_box()
        assert found is not None
        return found

    wait_until(lambda: box()["height"] == HEIGHT, "the map has its size")
    return box()


def choose(page: Page, x: float, y: float, tooltip: str) -> None:
    """Clicks a point of the map, once it answers to the mouse with its tooltip.

    A second click would let go of it again, so the first one must come when the map is ready. A
    map drawn by software can lose it all the same; it is clicked again while nothing is chosen.
    """
    chosen = page.get_by_role("heading", name="At the chosen places")
    shown = page.locator(".deck-tooltip", has_text=tooltip)

    def answers() -> bool:
        page.mouse.move(x - 40, y - 40)
        page.mouse.move(x, y, steps=4)
        return shown.is_visible()

    for _ in range(TRIES):
        wait_until(answers, "the map shows what is under the mouse")
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


def test_what_is_not_on_the_map_is_listed_with_its_reason(page: Page, sign_in: SignIn) -> None:
    """Counted in the heading, and one line each."""
    sign_in(page, "/map")
    page.get_by_text("are not on the map").click()

    expect(page.locator("td", has_text="a point in the Atlantic").first).to_be_attached()


def test_one_of_several_places_filters_the_list(
    page: Page, sign_in: SignIn, demo: RunningDemo
) -> None:
    """The click lands where the offering stands, and clearing the selection shows all again."""
    places = {
        each.name: (each.columns["latitude"], each.columns["longitude"])
        for each in demo.world.offerings.values()
        if "laser lab" in each.name.lower()
    }
    sign_in(page, "/map?q=laser lab")
    expect(page.get_by_text(f"{len(places)} offerings. Click points")).to_be_visible()
    box = drawn(page)
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

    The world of web Mercator is 512 pixels wide at zoom 0. The product fits into 80 % of a map
    500 pixels wide.
    """
    easts = [longitude / 360 for _, longitude in places]
    norths = [mercator(latitude) for latitude, _ in places]
    world = 0.8 * min(500 / (max(easts) - min(easts)), height / (max(norths) - min(norths)))
    return (
        (place[1] / 360 - (min(easts) + max(easts)) / 2) * world,
        ((min(norths) + max(norths)) / 2 - mercator(place[0])) * world,
    )


def mercator(latitude: float) -> float:
    """Height above the equator as a share of the world's."""
    return math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)
