"""Times the dashboard's first paint in Chromium over a published copy with 1,000,000 findings; writes bench/dashboard.md.

Usage: python bench/dashboard.py [runs, default 3]. Each cold run starts the server and opens the page the moment it
answers, with an empty browser; then the page is opened again, by a browser that never saw it, and by one that did.
"""

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import duckdb
import httpx
from office_kit.published_city import City, published_city
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tasks.dashboard.sums import Sums
from tasks.office import Office

ROOT = Path(__file__).resolve().parent.parent
FINDINGS = 1_420_000  # lines of rekonsiliasi, of which some 1,010,000 are findings
AIM = 3.0
FIRST, WHOLE = ".dasbor .cards li", "#root .dasbor .cards li"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
VARIANTS = {
    "cold": "server just started, browser new",
    "warm": "server running, browser new",
    "again": "server running, browser has the app's files",
    "early": "and a kecamatan chosen the moment the figures stand, until its own stand",
    "filter": "one kecamatan chosen after marimo has come up, until its figures stand",
}
Taken = tuple[float, float, float]  # seconds until the figures, until marimo stands, of the page's own thread


def main() -> None:
    """Makes the copy, measures, writes the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    taken: dict[str, list[Taken]] = {name: [] for name in VARIANTS}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        office = Office(Path(folder) / "kantor")
        office.create()
        copy = published_city(office.published / "sinkron.duckdb", City(findings=FINDINGS))
        with duckdb.connect(str(copy), read_only=True) as con:
            findings = con.execute("select count(*) from temuan").fetchall()[0][0]
        began = time.perf_counter()
        Sums(copy)
        summed = time.perf_counter() - began
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for _ in range(runs):
            one_run(office, browser, taken)
        browser.close()
    report(taken, findings, summed)


def one_run(office: Office, browser: Browser, taken: dict[str, list[Taken]]) -> None:
    """A server from its start to its end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"SINKRON_HOME": str(office.home)}
    server = subprocess.Popen([sys.executable, "-m", "flows.dashboard", str(port)], env=environment)
    address = f"http://127.0.0.1:{port}/"
    while True:
        try:
            httpx.get(f"{address}health")
            break
        except httpx.HTTPError:
            time.sleep(0.05)
    new = browser.new_context(viewport={"width": 1280, "height": 900})
    taken["cold"].append(opened(new, address))
    new.close()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    taken["warm"].append(opened(context, address))
    taken["again"].append(opened(context, address))
    taken["early"].append(early(context, address))
    taken["filter"].append(filtered(context, address))
    context.close()
    server.terminate()
    server.wait()


def opened(context: BrowserContext, address: str) -> Taken:
    """Seconds until the figures are painted and can be filtered, until marimo has come up, and of the page's thread."""
    page = context.new_page()
    asked = context.new_cdp_session(page)
    asked.send("Performance.enable", {"timeDomain": "threadTicks"})
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(FIRST).first.wait_for(timeout=120_000)
    first = time.perf_counter() - began
    page.locator(WHOLE).first.wait_for(timeout=120_000)
    whole = time.perf_counter() - began
    busy = next(m["value"] for m in asked.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")
    page.close()
    return first, whole, busy


def early(context: BrowserContext, address: str) -> Taken:
    """Seconds until the figures of a kecamatan stand, chosen while marimo is still coming up."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator("#saring-kecamatan").select_option(label="Magersari")
    page.locator(".dasbor .chosen", has_text="Magersari").first.wait_for(timeout=120_000)
    took = time.perf_counter() - began
    page.close()
    return took, 0.0, 0.0


def filtered(context: BrowserContext, address: str) -> Taken:
    """Seconds until a kecamatan's own figures stand."""
    page = context.new_page()
    page.goto(address)
    page.locator(WHOLE).first.wait_for(timeout=120_000)
    began = time.perf_counter()
    page.get_by_label("Kecamatan", exact=True).select_option(label="Magersari")
    page.locator("#root .chosen", has_text="Magersari").wait_for(timeout=120_000)
    took = time.perf_counter() - began
    page.close()
    return took, 0.0, 0.0


def report(taken: dict[str, list[Taken]], findings: int, summed: float) -> None:
    """Writes the table."""
    lines = [
        f"| {told} | {median(t[0] for t in taken[name]):.2f} | {shown(t[1] for t in taken[name])} | "
        f"{shown(t[2] for t in taken[name])} |"
        for name, told in VARIANTS.items()
    ]
    runs, cores = len(taken["cold"]), os.cpu_count()
    load = os.getloadavg()[1]
    (ROOT / "bench" / "dashboard.md").write_text(f"""# Dashboard

`make bench-dashboard`: a published copy with {findings:,} findings, opened in Chromium. *Figures*: seconds until all numbers are
painted and the filters work (both come with the page, by the address); *marimo*: until its own controls and the CSV are there;
*CPU*: seconds of the page's own thread until then, whatever else the machine does. Nearly all of it is marimo's 290 scripts
(5.6 MB): a browser keeps them from then on, but has to run them again. The server reads a new copy into sums once, in
{summed:.1f} s, at its start and after every publishing; a page opened before that waits for it.

{datetime.now(UTC):%Y-%m-%d}, {cores} cores, Python {platform.python_version()}, {runs} runs, medians. Load of the machine
meanwhile: {load:.0f} (above {cores}: others worked on it too, and times are longer for it).

| | figures s | marimo s | CPU s |
|---|--:|--:|--:|
{chr(10).join(lines)}

Aim: first paint <= {AIM:.0f} s on 1,000,000 findings.
""")


def shown(values: Iterable[float]) -> str:
    """A median, or nothing where nothing is measured."""
    middle = median(values)
    return f"{middle:.2f}" if middle else ""


if __name__ == "__main__":
    main()
