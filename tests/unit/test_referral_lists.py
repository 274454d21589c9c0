"""What goes to other regencies: each is asked about its own half, with what finds the person, and only once."""

from pathlib import Path

from office_kit.pdf_text import text_of
from office_kit.residents import again, born, nik_of, resident
from office_kit.small import ABROAD, ROWS, Batch, Opened, copy_of, row_ids
from office_kit.writing import write
from office_kit.written import Papers, cells_of, csv_of, list_of, papers, rows_of, written_office

from expectations.outcomes import Outcome
from expectations.referral import ANSWERS, TOLD, regency_names
from tasks.lists.referral import regency
from tasks.load import ROWS_PER_FILE
from tasks.store import open_store


def test_a_regency_gets_only_what_finds_the_person(lists: Papers) -> None:
    """If this fails, addresses, families or religions of residents go to an office that did not need them."""
    frame = csv_of(lists["3-rujuk-luar-kota-3515.csv"])
    assert frame.columns == [one.header for one in TOLD]
    assert {"NO_KK", "ALAMAT", "AGAMA", "NAMA_LGKP_IBU"}.isdisjoint(frame.columns)
    assert all(one.why for one in TOLD[:-2])
    assert set(frame["JAWABAN"]) == {""}


def test_a_regency_is_asked_about_its_own_half(lists: Papers) -> None:
    """If this fails, another office searches for a NIK that only we have, and answers that the person is unknown."""
    frame = csv_of(lists["3-rujuk-luar-kota-3515.csv"])
    alone, pair = frame.rows(named=True)
    assert (alone["NIK"], alone["NIK_PADA_KAMI"]) == (resident(1)["NIK"], "")
    first, second = row_ids("partner abroad")
    theirs = ROWS[second - ROWS_PER_FILE - 2]
    assert (pair["NIK"], pair["NIK_PADA_KAMI"]) == (theirs["NIK"], resident(13)["NIK"])
    assert pair["REFERENSI"] == f"2026-0001 1/{first % ROWS_PER_FILE}; 1/{second % ROWS_PER_FILE}"


def test_references_add_up_to_the_referred_rows(lists: Papers) -> None:
    """If this fails, a referred row was sent to nobody, and the centre's 60 days run out on it."""
    frame = list_of(lists, Outcome.OTHER_REGION)
    places = "; ".join(csv_of(lists["3-rujuk-luar-kota-3515.csv"])["REFERENSI"]).split("; ")
    asked = [ROWS_PER_FILE + int(place.rpartition("/")[2]) for place in places]
    assert sorted(asked) == rows_of(frame)
    assert set(frame["KODE_DAERAH"]) == {"3515"}
    assert set(frame["NAMA_DAERAH"]) == {"KABUPATEN SIDOARJO"}


def test_answers_are_chosen_from_a_list(tmp_path: Path, lists: Papers) -> None:
    """If this fails, another office types its answer in its own words, and Staff has to guess."""
    cells_of(tmp_path / "daftar.xlsx", lists["3-rujuk-luar-kota-3515.xlsx"])
    import openpyxl

    (rule,) = openpyxl.load_workbook(tmp_path / "daftar.xlsx").worksheets[0].data_validations.dataValidation
    assert rule.formula1 == f'"{",".join(ANSWERS)}"'


REGIONS = {"no digits": ("3X", "15"), "a path": ("..", "/e"), "unknown": ("99", "98"), "other digits": ("٣٥", "15")}


def test_a_code_that_is_no_code_names_no_file(tmp_path: Path) -> None:
    """If this fails, a crafted region code writes outside the office's folders, or a letter goes to nobody."""
    rows = tuple(resident(n, NO_PROP=p, NO_KAB=k) for n, (p, k) in enumerate(REGIONS.values(), start=61))
    out = papers(written_office(tmp_path / "kantor", (resident(1, **ABROAD), *rows)))
    assert sorted(name for name in out if name.startswith("surat-luar")) == [
        "surat-luar-kota-2026-0001-3515.pdf", "surat-luar-kota-2026-0001-9998.pdf",
    ]  # fmt: skip
    assert list(list_of(out, Outcome.OTHER_REGION)["KODE_DAERAH"]) == ["3515", "0000", "0000", "9998", "0000"]


def test_regencies_are_named_as_letters_name_them() -> None:
    """If this fails, a letter is addressed to a code, or a name is shouted."""
    assert len(regency_names()) == 514
    told = {regency(code) for code in ("3515", "3578", "7310", "9998")}
    assert told == {"Kabupaten Sidoarjo", "Kota Surabaya", "Kabupaten Pangkajene dan Kepulauan",
                    "Kabupaten/Kota dengan kode wilayah 9998"}  # fmt: skip


def test_a_person_in_two_other_regions_is_asked_about_in_both(tmp_path: Path) -> None:
    """If this fails, one of two regencies that claim a person is never asked."""
    halves = [
        again(resident(13), NIK=nik_of(born(resident(13)), "2", 9000 + n), NO_KK=resident(n)["NO_KK"],
              ALAMAT=f"JL LAIN NO {n}", NO_KAB=regency_code, NO_KEC="01", NO_KEL="2001")
        for n, regency_code in ((14, "15"), (16, "17"))
    ]  # fmt: skip
    out = papers(written_office(tmp_path / "kantor", (resident(13), *halves)))
    frame = list_of(out, Outcome.OTHER_REGION)
    assert frame["KODE_DAERAH"].to_list() == ["3515 3517", "3515", "3517"]
    assert frame["NAMA_DAERAH"][0] == "KABUPATEN SIDOARJO; KABUPATEN JOMBANG"
    for code, half, line in (("3515", halves[0], 3), ("3517", halves[1], 4)):
        (row,) = csv_of(out[f"3-rujuk-luar-kota-{code}.csv"]).rows(named=True)
        assert (row["NIK"], row["NIK_PADA_KAMI"]) == (half["NIK"], resident(13)["NIK"])
        assert row["REFERENSI"] == f"2026-0001 1/2; 1/{line}"


def test_who_answered_is_not_asked_again(small: Batch, tmp_path: Path) -> None:
    """If this fails, a regency that answered gets the same letter again, and the centre does not hear its answer."""
    from tasks.propose import propose

    batch = copy_of(small, tmp_path / "kantor")
    (row_id,) = row_ids("abroad")
    with open_store(batch.office) as con:
        con.execute(
            "insert into decisions by name select ? as agenda, ?::bigint as row_id, 2 as round, "
            "'rujuk luar kota' as outcome, 'surat jawaban daerah lain nomor 470/77/2026 tanggal 05-10-2026' as basis, "
            "'jawaban daerah: warga sana' as event, "
            "'470/77/2026' as number, date '2026-10-05' as dated",
            [batch.agenda, row_id],
        )
        signed = propose(con, batch.agenda, 2)["digest"]
        batch.desk.case = (batch.agenda, 2, signed)
        batch.desk.sign()
        write(Opened(batch, con), 2, signed)
    out = papers(batch)
    frame = list_of(out, Outcome.OTHER_REGION)
    told = dict(zip(rows_of(frame), frame["JAWABAN_DAERAH"], strict=True))
    assert told.pop(row_id) == "jawaban daerah: warga sana, surat nomor 470/77/2026 tanggal 2026-10-05"
    assert set(told.values()) == {""}
    assert csv_of(out["3-rujuk-luar-kota-3515.csv"])["REFERENSI"].to_list() == ["2026-0001 1/10; 1/11"]
    assert "kepada 1 (satu) kabupaten/kota, dan 1 (satu) baris telah dijawab daerahnya" in text_of(
        out["surat-balasan-2026-0001.pdf"].content
    )
