"""The page of pairs: both records, the reason and the chart; closed to the outside, and no NIK more than needed."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from pathlib import Path

import polars as pl
import pytest
from office_kit.mixtures import mixture, vectors

from expectations.matching import BANDS, MATCH, NONE, POSSIBLE
from tasks.pairs_page import Pairs, render, waterfall, waterfall_png, write_page
from tasks.pairs_page.records import marked
from tasks.resolve.explain import Explanation, explain, of_hundred, sentence

NIK, OTHER_NIK, FAMILY = "3576010107809001", "3576010107809002", "3576010107129003"
RECORD = {"nama_lgkp": "SITI AMINAH", "tgl_lhr": "1980-07-01", "nama_lgkp_ibu": "SULASTRI", "jenis_klmin": "2",
          "nik": NIK, "no_kk": FAMILY, "alamat": f"JL. MAWAR 3, NIK SUAMI {OTHER_NIK}"}  # fmt: skip
HOSTILE = "<script>alert(1)</script>\" onload='x' \u202e& \x07"
PAIRS = ({"name": "same", "birth": "usual", "mother": "same", "sex": "same", "nik": "edits 1", "family": "same"},
         {"name": "part", "birth": "usual", "mother": "same", "sex": "same", "nik": "consecutive 3", "family": "same"},
         {"name": "same*", "birth": "usual", "sex": "else", "nik": "else"})  # fmt: skip
FACTS = {
    "band": [MATCH, NONE, POSSIBLE], "guard": [None, "twin", "sex"],
    "left_place": ["baris 3", "baris 4", "baris 5"], "right_place": ["baris 13", "baris 14", "baris 15"],
    "proposal": ["NIK kiri bertahan", None, None],
}  # fmt: skip


@pytest.fixture(scope="module")
def explanations() -> list[Explanation]:
    model = mixture()
    return explain(model, vectors(model.model, *PAIRS))


@pytest.fixture
def pairs(explanations: list[Explanation]) -> Pairs:
    right = [RECORD | {"nik": OTHER_NIK}, RECORD | {"nama_lgkp": "SITI AMINI"}, RECORD | {"nama_lgkp": None}]
    return Pairs("Pasangan warga.csv", mixture().model, explanations, pl.DataFrame(FACTS), pl.DataFrame([RECORD] * 3),
                 pl.DataFrame(right))  # fmt: skip


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def articles(page: str) -> list[str]:
    return re.findall(r"<article.*?</article>", page, re.DOTALL)


def cells(article: str) -> dict[str, list[str]]:
    """Field -> left, sign, right of the table of both records."""
    rows = re.findall(r'<tr class="\w+"><th scope="row">(.*?)</th>(.*?)</tr>', article)
    return {name: [plain(cell) for cell in re.findall(r"<td.*?>(.*?)</td>", rest)] for name, rest in rows}


def test_every_pair_has_its_records_reason_and_result(pairs: Pairs) -> None:
    """If this fails, the Kasi decides about a pair with the reason or a record of another pair before them."""
    guards = {guard.name: guard for guard in pairs.model.guards}
    found = articles(render(pairs))
    assert len(found) == len(PAIRS)
    for at, article in enumerate(found):
        told = plain(article)
        assert sentence(pairs.explanations[at], FACTS["band"][at], guards.get(FACTS["guard"][at])) in told
        assert of_hundred(pairs.explanations[at].kind.share) in told
        assert f"baris {3 + at}" in told
        assert f"baris {13 + at}" in told
        assert f'data-severity="{FACTS["band"][at]}"' in article
        assert ("Usulan. NIK kiri bertahan" in told) == (at == 0)
        assert article.count("<svg") == 1


def test_both_records_stand_side_by_side_with_their_differences(pairs: Pairs) -> None:
    """If this fails, people search for the difference themselves, or believe that there is none."""
    first, second, third = (cells(article) for article in articles(render(pairs)))
    assert first["nama"] == ["SITI AMINAH", "=", "SITI AMINAH"]
    assert first["NIK"][1] == "≠"
    assert second["nama"] == ["SITI AMINAH", "≠", "SITI AMINI"]
    assert third["nama"] == ["SITI AMINAH", "?", "tidak diisi"]
    assert third["nama ayah"] == ["tidak diisi", "?", "tidak diisi"]
    assert first["jenis kelamin"][0] == "2 PEREMPUAN"
    assert list(first) == [field.label for field in pairs.model.fields]
    assert "SITI <mark>AMINI</mark>" in render(pairs)


@pytest.mark.parametrize(("left", "right", "told"), [
    ("SITI AMINAH", "SITI AMINA", ("SITI <mark>AMINAH</mark>", "SITI <mark>AMINA</mark>")),
    ("AMINAH SITI", "SITI AMINAH", ("AMINAH SITI", "SITI AMINAH")),
    ("NUR NUR", "NUR", ("<mark>NUR</mark> NUR", "NUR")),
    ("1980-07-01", "1980-01-07", ("1980-0<mark>7</mark>-0<mark>1</mark>", "1980-0<mark>1</mark>-0<mark>7</mark>")),
    ("A<B", "A&B", ("A<mark>&lt;</mark>B", "A<mark>&amp;</mark>B")),
])  # fmt: skip
def test_marks_lie_on_what_differs(left: str, right: str, told: tuple[str, str]) -> None:
    """If this fails, the mark lies on what both records have, and the slip stays unseen."""
    assert marked(left, right) == told


def test_a_nik_is_masked_unless_asked_for(pairs: Pairs) -> None:
    """If this fails, a printed page carries the NIK of people to whoever picks it up."""
    page, full = render(pairs), render(replace(pairs, unmasked=True))
    for number in (NIK, OTHER_NIK, FAMILY):
        assert number not in page
        assert f"{number[:6]}******{number[-4:]}" in re.sub("</?mark>", "", page)
    assert NIK in re.sub("</?mark>", "", full)
    assert "NIK dan nomor KK disamarkan" in page
    assert "disamarkan" not in full
    assert not re.search(r"\d{16}", page)


def test_a_difference_hidden_by_the_mask_is_told(pairs: Pairs) -> None:
    """If this fails, two masked NIKs look the same and are taken for one."""
    hidden = f"{NIK[:8]}99{NIK[10:]}"
    page = render(replace(pairs, right=pl.DataFrame([RECORD | {"nik": hidden}] * 3)))
    assert cells(articles(page)[0])["NIK"] == [
        "357601******9001", "≠", "357601******9001 berbeda pada angka tersamar"]  # fmt: skip


def test_nothing_from_records_becomes_markup(pairs: Pairs) -> None:
    """If this fails, a name in an extract runs a script on the Kasi's computer, or turns the page's words round."""
    evil = [dict.fromkeys(RECORD, HOSTILE)] * 3
    facts = pairs.facts.with_columns(pl.lit(HOSTILE).alias(name) for name in ("left_place", "right_place", "proposal"))
    page = render(replace(pairs, title=HOSTILE, facts=facts, left=pl.DataFrame(evil), right=pl.DataFrame([RECORD] * 3)))
    assert page.count("<script>") == 1
    assert "alert(1)</script>" not in page
    assert "onload='x'" not in page
    assert "\u202e" not in page
    assert "\x07" not in page


def test_the_page_reaches_nothing_outside(pairs: Pairs) -> None:
    """If this fails, opening the page tells somebody on the internet, or needs them."""
    page = render(pairs)
    assert "default-src 'none'" in page
    assert re.findall(r"(?:https?:)?//[\w.]+", page.replace("http://www.w3.org/2000/svg", "")) == []
    assert not re.search(r"<(link|img|iframe|object|form)\b|@import|url\(", page)


def test_what_is_not_shown_is_told(pairs: Pairs) -> None:
    """If this fails, three pairs of 1,234 pass for all there are."""
    assert "3 pasangan dari 1.234 yang ditemukan" in render(replace(pairs, total=1234))
    assert "yang ditemukan" not in render(replace(pairs, total=3))


def test_a_page_without_pairs(pairs: Pairs) -> None:
    """If this fails, a file without duplicates ends with a traceback."""
    none = replace(pairs, explanations=[], facts=pairs.facts[:0], left=pairs.left[:0], right=pairs.right[:0])
    assert "Tidak ada pasangan." in render(none)


def test_the_page_is_private_whole_and_the_same_again(pairs: Pairs, tmp_path: Path) -> None:
    """If this fails, others on the machine read it, a broken page replaces a good one, or no two runs agree."""
    path = tmp_path / "pasangan.html"
    write_page(path, pairs)
    first = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError, match="shorter"):
        write_page(path, replace(pairs, left=pairs.left[:1]))
    write_page(path, pairs)
    assert path.read_bytes() == first
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("band", BANDS)
def test_every_band_has_a_mark_and_a_meaning(pairs: Pairs, band: str) -> None:
    """If this fails, a band is told by a colour alone, or not at all."""
    page = render(replace(pairs, facts=pairs.facts.with_columns(pl.lit(band).alias("band"))))
    assert len(re.findall(rf'<h2>Pasangan \d <span class="mark {band}"><i aria-hidden="true">.</i>\w', page)) == 3


def test_the_chart_tells_each_field_and_ends_at_the_result(explanations: list[Explanation]) -> None:
    """If this fails, the picture and the words beside it disagree."""
    for explanation in explanations:
        drawn = ET.fromstring(waterfall(explanation))  # noqa: S314  # our own drawing
        words = " ".join(" ".join(each.itertext()) for each in drawn.iter() if each.tag.endswith("text"))
        words = " ".join(words.split())
        for each in explanation.fields:
            assert each.told in words
        chance = of_hundred(explanation.probability).replace("lebih dari ", ">").replace("kurang dari ", "<")
        assert f"Hasil {chance}" in words
        arrows = [each.get("fill") for each in drawn.iter() if (each.get("d") or "").endswith("z")]
        assert len(arrows) <= len(explanation.fields)
        assert not re.search(r"\d{10,}", waterfall(explanation))


def test_arrows_point_where_the_evidence_goes(explanations: list[Explanation]) -> None:
    """If this fails, evidence against one person is drawn as evidence for it."""
    for explanation in explanations:
        field = explanation.fields[0]
        for bits in (3.0, -3.0):
            one = replace(
                explanation, fields=(replace(field, bits=bits, present=True),), final=explanation.start + bits
            )
            arrow = re.search(r'<path d="M([\d.]+) [\d.]+H[\d.]+L([\d.]+) [^"]+z" fill="(#\w+)"', waterfall(one))
            assert arrow
            assert (float(arrow[2]) > float(arrow[1])) == (bits > 0)
            assert (arrow[3] == "#17745a") == (bits > 0)


def test_long_labels_stay_in_their_column(explanations: list[Explanation]) -> None:
    """If this fails, a model with long words draws its labels over the bars."""
    fields = tuple(
        replace(each, label="keterangan <b>&", words="sangat panjang " * 20) for each in explanations[0].fields
    )
    drawn = waterfall(replace(explanations[0], fields=fields))
    lines = ["".join(each.itertext()) for each in ET.fromstring(drawn).iter() if each.get("x") == "0"]  # noqa: S314
    assert max(map(len, lines)) <= 35
    assert len(lines) == 2 * len(fields) + 2


def test_the_png_is_a_picture_of_the_same_size(explanations: list[Explanation]) -> None:
    """If this fails, documents that take no SVG show no chart."""
    png = waterfall_png(explanations[0])
    assert png.startswith(b"\x89PNG")
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    found = re.search(r'width="(\d+)" height="(\d+)"', waterfall(explanations[0]))
    assert found
    assert (width, height) == (2 * int(found[1]), 2 * int(found[2]))
