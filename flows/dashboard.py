"""Serves the dashboard on this machine only: the marimo app of ``tasks.dashboard`` behind ``flows.dashboard_door``."""

import contextlib
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from flows import settings
from flows.dashboard_door import Door
from tasks.dashboard import figures
from tasks.dashboard.sums import NotReadableError, sums_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp

APP = settings.REPOSITORY / "tasks" / "dashboard" / "app.py"
PUBLISHED = "sinkron.duckdb"
LOOK_SECONDS = 1.0
# The page's language, its print button, filters that work by the address until marimo's stand, and the first figures,
# which go when marimo's stand: not from under the hands of who is choosing, and the page stays where it was read.
# What is chosen becomes the address: marimo starts with it, and a reload (which shows a newer copy) keeps it.
HEAD = """<script>
(function () {
  document.documentElement.lang = "id";
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-print]")) { window.print(); }
  });
  function first() { return document.getElementById("dasbor-awal"); }
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (!form || form.id !== "dasbor-saringan") { return; }
    if (event.target.name === "kecamatan") { form.kelurahan.value = ""; }
    var asked = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { if (value) { asked.append(name, value); } });
    var place = location.pathname + (asked.toString() ? "?" + asked : "");
    history.replaceState(history.state, "", place);
    fetch(place).then(function (answer) { return answer.text(); }).then(function (html) {
      var found = new DOMParser().parseFromString(html, "text/html").getElementById("dasbor-awal");
      if (location.pathname + location.search === place && first()) { first().innerHTML = found.innerHTML; }
      yield_();
    }).catch(function () { location.reload(); });
  });
  function yield_() {
    var shown = first(), marimos = document.querySelector("#root article.dasbor");
    if (!shown || !marimos) { return; }
    if (shown.contains(document.activeElement) && document.activeElement.tagName === "SELECT") { return; }
    var ours = shown.querySelector("article[data-alamat]");
    if (ours && "alamat" in marimos.dataset && ours.dataset.alamat !== marimos.dataset.alamat) {
      location.reload();
      return;
    }
    var app = document.getElementById("App"), top = shown.scrollTop;
    shown.remove();
    if (app) { app.scrollTop = top; }
  }
  function keep() {
    var shown = document.querySelector("#root article[data-alamat]");
    if (!shown || shown.dataset.alamat === address) { return; }
    if (address !== null) { history.replaceState(history.state, "", location.pathname + shown.dataset.alamat); }
    address = shown.dataset.alamat;
  }
  var address = null;
  document.addEventListener("focusout", function () { setTimeout(yield_, 0); });
  new MutationObserver(function () { yield_(); keep(); }).observe(
    document.documentElement, {childList: true, subtree: true, attributeFilter: ["data-alamat"]});
})();
</script>"""


def create_app(published: Path, ledger: Path) -> "ASGIApp":
    """The guarded app over one analysts' copy, which need not exist yet; ``ledger`` tells what was written since."""
    import marimo

    logging.getLogger("marimo").setLevel(logging.ERROR)  # warnings quote what a browser sent
    built = marimo.create_asgi_app(quiet=True, include_code=False, html_head=HEAD)
    return Door(built.with_app(path="", root=str(APP)).build(), published, ledger)


def _keep_ready(published: Path) -> None:
    """Reads every new copy as soon as it is there, so that nobody who opens the page waits for it."""
    while True:
        with contextlib.suppress(NotReadableError):
            figures.read(sums_of(published), figures.Filters())
        time.sleep(LOOK_SECONDS)


def main(port: int) -> None:
    """Serves this office's dashboard until stopped. Only on the loopback interface."""
    import uvicorn

    office = settings.office()
    for name in ("CONFIG", "STATE", "CACHE"):  # a desk's own marimo settings are not the office's, nor the reverse
        os.environ[f"XDG_{name}_HOME"] = str(office.scratch / "marimo" / name.lower())
    published = office.published / PUBLISHED
    threading.Thread(target=_keep_ready, args=(published,), daemon=True).start()
    uvicorn.run(
        create_app(published, office.ledger), host="127.0.0.1", port=port, log_level="warning", access_log=False,
        server_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
