"""The door for masked papers: a PDF by agenda number and name, and no other file of the office."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from flows.reports import HEADERS, create_app, read_paper
from tasks.office import Office

NAME = "berita-acara-2026-0001.pdf"


@pytest.fixture
def ask(office: Office) -> Callable[[str], httpx.Response]:
    """An office with one paper, one list with residents' data, and one link; asks its server."""
    folder = office.documents / "2026-0001"
    folder.mkdir()
    (folder / NAME).write_bytes(b"%PDF lembar")
    (folder / "catatan.txt").write_text("rahasia")
    (folder / "tautan.pdf").symlink_to(office.key_file)
    secret = office.outbox / "2026-0001"
    secret.mkdir()
    (secret / "1-perbaikan.pdf").write_text("rahasia")
    (office.documents / "2026-0002").symlink_to(secret)

    async def get(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(office))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    return lambda path: asyncio.run(get(path))


def test_a_masked_paper_is_served_as_it_lies(ask: Callable[[str], httpx.Response]) -> None:
    """If this fails, the link of a run opens no lembar verifikasi, or a page may frame it."""
    answer = ask(f"/dokumen/2026-0001/{NAME}")
    assert (answer.status_code, answer.content) == (200, b"%PDF lembar")
    assert answer.headers["content-type"] == "application/pdf"
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "path",
    [
        "2026-0001/catatan.txt", "2026-0001/tautan.pdf", "2026-0001/1-perbaikan.pdf", "2026-0002/1-perbaikan.pdf",
        "..%2foutbox/1-perbaikan.pdf", "2026-0001/..%2f..%2foutbox%2f2026-0001%2f1-perbaikan.pdf", "2026-0001/",
        "2026-0009/berita-acara-2026-0009.pdf", "2026-0001/berita-acara-2026-0001.pdf%00", "keys/office.key",
    ],
)  # fmt: skip
def test_nothing_else_of_the_office_is_served(path: str, ask: Callable[[str], httpx.Response]) -> None:
    """If this fails, lists with residents' data or the office's key can be read through the browser."""
    answer = ask(f"/dokumen/{path}")
    assert answer.status_code in {307, 404}
    assert "rahasia" not in answer.text


def test_a_name_is_no_path(office: Office) -> None:
    """If this fails, whoever calls the function itself reads the store."""
    assert read_paper(office, "2026-0001", "../../store.duckdb") is None
    assert read_paper(office, "..", "store.pdf") is None
