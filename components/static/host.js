// Tells Streamlit's frontend where its server is. Without it, a page opened by its own address
// first looks for the server below that address, and logs two errors before it finds it.
window.__streamlit = { BACKEND_BASE_URL: `${location.origin}/`, MAIN_PAGE_BASE_URL: `${location.origin}/` };
