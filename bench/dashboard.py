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
    "filter": "one kecamatan chosen, until its figures stand",
}


def main() -> None:
    """Makes the copy, measures, writes the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in VARIANTS}
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


def one_run(office: Office, browser: Browser, taken: dict[str, list[tuple[float, float]]]) -> None:
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
    taken["filter"].append(filtered(context, address))
    context.close()
    server.terminate()
    server.wait()


def opened(context: BrowserContext, address: str) -> tuple[float, float]:
    """Seconds until the figures are painted, and until the filters work."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(FIRST).first.wait_for(timeout=120_000)
    first = time.perf_counter() - began
    page.locator(WHOLE).first.wait_for(timeout=120_000)
    whole = time.perf_counter() - began
    page.close()
    return first, whole


def filtered(context: BrowserContext, address: str) -> tuple[float, float]:
    """Seconds until a kecamatan's own figures stand."""
    page = context.new_page()
    page.goto(address)
    page.locator(WHOLE).first.wait_for(timeout=120_000)
    began = time.perf_counter()
    page.get_by_label("Kecamatan", exact=True).select_option(label="Magersari")
    page.locator("#root .chosen", has_text="Magersari").wait_for(timeout=120_000)
    took = time.perf_counter() - began
    page.close()
    return took, took


def report(taken: dict[str, list[tuple[float, float]]], findings: int, summed: float) -> None:
    """Writes the table."""
    lines = [
        f"| {told} | {median(t[0] for t in taken[name]):.2f} | {median(t[1] for t in taken[name]):.2f} |"
        for name, told in VARIANTS.items()
    ]
    runs, cores = len(taken["cold"]), os.cpu_count()
    load = os.getloadavg()[1]
    (ROOT / "bench" / "dashboard.md").write_text(f"""# Dashboard

`make bench-dashboard`: a published copy with {findings:,} findings, opened in Chromium. *Figures*: seconds until all numbers are
painted (they come with the page); *filters*: until marimo has come up and the page can be worked with. The server reads a new
copy into sums once, in {summed:.1f} s, at its start and after every publishing; a page opened before that waits for it.

{datetime.now(UTC):%Y-%m-%d}, {cores} cores, Python {platform.python_version()}, {runs} runs, medians. Load of the machine
meanwhile: {load:.0f} (above {cores}: others worked on it too, and times are longer for it).

| | figures s | filters s |
|---|--:|--:|
{chr(10).join(lines)}

Aim: first paint <= {AIM:.0f} s on 1,000,000 findings.
""")


if __name__ == "__main__":
    main()
