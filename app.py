"""ASGI entry: `streamlit run app.py` and `uvicorn app:app` both serve it.

st.App, and not a bare script, so that no page of `pages/` can run around the sign-in gate of
the shell on the first request of a process.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from bookings.front_door import Documents, SecurityHeaders, routes
from components.navigation import PATHS
from components.session import desk


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any] | None]:
    """Opens what the process shares before the first request, and closes it after the last."""
    await run_in_threadpool(desk().open)
    yield None
    await run_in_threadpool(desk().close)


_html = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")

app = st.App(
    "components/shell.py",
    lifespan=lifespan,
    routes=routes(desk),
    middleware=[Middleware(SecurityHeaders), Middleware(Documents, desk, _html, PATHS)],
)
