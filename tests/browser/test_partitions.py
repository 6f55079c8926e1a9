"""A review of partitions as a person does it: mistakes, a job, the cluster, the nodes."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.tables import OPEN_X, TICK_X, cell, click_row, table
from tests.browser.tabs import open_tab

SignIn = Callable[..., None]
MAX_TIME_X = OPEN_X + 38 + 110 + 150 + 30
CLUSTER = """PartitionName=min-over-max
   AllowGroups=ALL AllowAccounts=ALL AllowQos=ALL
   AllocNodes=ALL Default=NO CpuBind=cores  QoS=normal
   DefaultTime=01:00:00 DisableRootJobs=NO ExclusiveUser=NO ExclusiveTopo=NO GraceTime=0 Hidden=NO
   MaxNodes=16 MaxTime=3-00:00:00 MinNodes=8 LLN=NO MaxCPUsPerNode=UNLIMITED
   Nodes=n[01-16]
   PriorityJobFactor=1 PriorityTier=10 RootOnly=NO ReqResv=NO OverSubscribe=NO
   State=UP TotalCPUs=1024 TotalNodes=16 SelectTypeParameters=NONE
   JobDefaults=(null)
   DefMemPerCPU=2000 MaxMemPerNode=UNLIMITED

unexpected words
"""
"""As `scontrol show partition` prints it, with one line that is none of it."""


def said(page: Page, text: str) -> Locator:
    """Where something is said on the page, in no table."""
    return page.locator(
        "[data-testid=stMarkdownContainer], [data-testid=stText], [data-testid=stCaptionContainer]"
    ).get_by_text(text)


def test_planted_mistakes_are_found_explained_and_acknowledged(page: Page, sign_in: SignIn) -> None:
    """From the overview by one link; with a reason the finding leaves the errors."""
    sign_in(page, "/")
    page.get_by_role("link", name="Partition limits are wrong").click()
    expect(page.get_by_role("heading", name="Partitions")).to_be_visible()
    expect(said(page, 'where worst finding is "error"')).to_be_visible()
    table(page)
    assert cell(page, 1, 0) == "error"
    page.goto(page.url + "&partition=min-over-max")
    table(page)
    click_row(page, 0, TICK_X)
    expect(said(page, "Why it matters.")).to_be_visible()
    expect(said(page, "Min nodes 8 is above max nodes 4.").first).to_be_visible()

    page.get_by_label("Why this finding may stay").fill("agreed with <b>the site</b>")
    page.get_by_role("button", name="Acknowledge", exact=True).click()

    expect(page.get_by_text("1 acknowledged").first).to_be_visible()
    page.goto(page.url.split("?")[0] + "?tab=Findings&partition=min-over-max")
    table(page)
    page.get_by_role("button", name="acknowledged", exact=True).click()
    expect(said(page, "1 of 3 findings")).to_be_visible()
    click_row(page, 0, TICK_X)
    expect(said(page, "agreed with <b>the site</b>").first).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The finding counts again")).to_be_visible()


def test_a_pasted_job_is_judged_everywhere(page: Page, sign_in: SignIn) -> None:
    """Script in, verdicts out, and the header of one of them."""
    sign_in(page, "/partitions?tab=Would+it+fit%3F&offering=Ilves+sandbox")
    page.get_by_text("Paste #SBATCH lines").click()
    page.get_by_label("Job script or command").fill("#SBATCH -N 2\n#SBATCH -t 1-00:00:00\n")
    page.get_by_role("button", name="Fill in").click()
    expect(page.get_by_label("Nodes", exact=True)).to_have_value("2")
    expect(page.get_by_label("Time", exact=True)).to_have_value("1-00:00:00")
    table(page)
    rejected = page.locator("td", has_text="Maximum of nodes")
    expect(rejected.first).to_be_attached()

    page.get_by_role("button", name="rejected", exact=True).click()
    expect(page.locator("td", has_text="within limits")).to_have_count(0)
    click_row(page, 0, TICK_X)

    expect(said(page, "First failing check").first).to_be_visible()
    expect(said(page, "Node count specification invalid").first).to_be_visible()
    expect(page.locator("code").get_by_text("--nodes=2")).to_be_visible()


def test_a_cluster_is_compared_and_the_difference_exported(page: Page, sign_in: SignIn) -> None:
    """Text of a real form in, differences out; the line that is none of it is told."""
    sign_in(page, "/partitions?tab=Cluster&partition=min-over-max")
    page.get_by_label("What the cluster says").fill(CLUSTER)
    page.get_by_label("What the cluster says").press("Control+Enter")
    expect(said(page, "unexpected words").last).to_be_visible()
    expect(page.locator("td", has_text="3-00:00:00").first).to_be_attached()

    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").last.click()

    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = {
        row["Field"]: row
        for row in csv.DictReader(io.StringIO(text))
        if row["Partition"] == "min-over-max"
    }
    assert rows["max_time"]["Status"] == "differs"
    assert rows["max_time"]["In the cluster"] == "3 d"
    assert rows["max_time"]["As the cluster writes it"] == "3-00:00:00"
    assert rows["max_nodes"]["In Waldur (exact)"] == "4"
    assert "min_nodes" not in rows
    page.get_by_text("scontrol update commands").click()
    expect(page.locator("code").get_by_text("scontrol update").first).to_be_visible()


def test_nodes_make_more_rules_speak(page: Page, sign_in: SignIn) -> None:
    """Pasted from sinfo, kept for the next visit, and forgotten again."""
    sign_in(page, "/partitions?tab=Hardware&partition=multi-node")
    pasted = page.get_by_role("textbox", name="From the cluster")
    pasted.fill("multi-node*|2|64|2|32|256000|(null)")
    pasted.press("Control+Enter")
    page.get_by_role("button", name="Save what was read").click()
    # What was pasted is described before it is saved too; only what is kept can be removed.
    expect(page.get_by_role("button", name="Remove", exact=True)).to_be_visible()
    expect(said(page, "2 nodes of 64 CPUs (2 sockets), 256 GB").first).to_be_visible()

    page.goto(re.sub("tab=Hardware", "tab=Findings", page.url))
    table(page)
    expect(page.locator("td", has_text="A10").first).to_be_attached()

    open_tab(page, "Hardware")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(said(page, "No nodes are described for this offering yet.")).to_be_visible()


def test_a_cell_says_its_exact_value(page: Page, sign_in: SignIn) -> None:
    """A click is enough; the sentence tells the unit and what the limit does.

    It stands in sight, and moves no row.
    """
    sign_in(page, "/partitions?partition=zero-default")
    before = table(page).bounding_box()
    click_row(page, 0, MAX_TIME_X)

    expect(said(page, "recorded as").first).to_be_in_viewport(ratio=1)
    assert table(page).bounding_box() == before


def test_ticked_partitions_lead_to_their_comparison(page: Page, sign_in: SignIn) -> None:
    """By a link that stands in sight of what was ticked."""
    sign_in(page, "/partitions")
    click_row(page, 0, TICK_X)
    click_row(page, 1, TICK_X)
    page.get_by_role("link", name="side by side").click()

    expect(page.get_by_role("heading", name="Side by side")).to_be_in_viewport()
