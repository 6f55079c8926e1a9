// Keeps the address bar in step with the page without a history entry for each change, and
// opens another page with exactly one. It reads two elements that components/address.py draws
// and sends nothing anywhere.
let opened = "";

function follow() {
  const at = document.querySelector("[data-desk-path]");
  if (at && location.pathname.endsWith(at.dataset.deskPath)) {
    const search = at.dataset.deskSearch;
    if (location.search !== search) {
      history.replaceState(history.state, "", location.pathname + search + location.hash);
    }
  }
  const to = document.querySelector("[data-desk-open]");
  if (to && to.dataset.deskNonce !== opened) {
    opened = to.dataset.deskNonce;
    const address = new URL(to.dataset.deskOpen, location.href);
    if (address.origin === location.origin && address.href !== location.href) {
      history.pushState({}, "", address);
      // Streamlit's own router takes it from here, as after the Back button.
      dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    }
  }
}

new MutationObserver(follow).observe(document.body, {
  subtree: true,
  childList: true,
  attributes: true,
  attributeFilter: ["data-desk-search", "data-desk-nonce"],
});
follow();
