"""When a page has stopped drawing: what is clicked before can be lost, or be drawn anew."""

from playwright.sync_api import Page

QUIET_MILLISECONDS = 400
"""How long nothing may move. Streamlit's runs follow each other with shorter gaps."""
_IS_QUIET = """quiet => {
  const app = document.querySelector('[data-testid="stApp"]');
  const busy = !app || app.dataset.testScriptState !== 'notRunning'
    || document.querySelector('[data-testid="stProgress"], [data-testid="stSkeleton"]');
  if (busy) { window.deskQuietSince = undefined; return false; }
  window.deskQuietSince ??= performance.now();
  return performance.now() - window.deskQuietSince > quiet;
}"""


def settled(page: Page) -> None:
    """Waits until no run is on its way, everything is loaded and every part is drawn."""
    page.evaluate("window.deskQuietSince = undefined")
    page.wait_for_function(_IS_QUIET, arg=QUIET_MILLISECONDS, polling=50)
