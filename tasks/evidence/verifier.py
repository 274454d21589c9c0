"""Verifies a copy of Sinkron's Buku Agenda: Python's standard library alone (3.9 or newer), nothing of Sinkron.

    python -I verifier.py FOLDER [--kepala NUMBER:HEAD ...]  (ends with 0: right, 1: wrong, 2: nothing to check)
FOLDER: buku-agenda.jsonl or ledger.sqlite; if at hand kepala.log, usulan-*.txt. HEAD: on paper, 8 letters or the hash.
"""

import json
import re
import sqlite3
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

CHAIN, WIB, AT_ONCE = [("kasi", "Ya"), ("kabid", "Ya"), ("kadis", "Ya")], timedelta(hours=7), 2
STEP = {"staff": "draft", "kasi": "propose", "kabid": "propose", "kadis": "propose"}  # what a role decides about
LETTERS, READ_AS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", str.maketrans("ILO", "110", "- ")  # a head on paper, 5 bits each
NOTED = re.compile(r"(restored-|late-)?(ledger|store) ([0-9]+) ([0-9a-f]{64}) [0-9TZ:.+-]+")
TORN, GIVEN = re.compile(r"[a-z-]{0,15}( [0-9]*( [0-9a-f]{0,64}( [0-9TZ:.+-]*)?)?)?"), r".+\n(--kepala\n\d+:\S+\n)*"
PEOPLE = {"orang.didaftarkan", "mandat.diberikan", "kode.diganti", "orang.dinonaktifkan"}
SIGNED, WRITTEN = {"keputusan", "keputusan.dicabut"}, {"data.ditulis", "data.dibatalkan", "data.dimusnahkan"}
LIMITS = """TIDAK DAPAT diperiksa di sini: kode TOTP (di server; root di sana dapat memalsukannya); tanda tangan kunci
dan data penduduk: lihat sinkron verify; ekor palsu bersama jangkarnya: cocokkan kepala dan mandat dengan kertasnya\n"""
wrong, told, hashes, alone = list[str](), list[str](), ["0" * 64], list[int]()  # alone: entries noted one by one
mandates, preparers, done = defaultdict[str, list[dict[str, str]]](list), defaultdict[str, set[str]](set), set[str]()
rounds = defaultdict[str, Any](lambda: defaultdict(lambda: {"signed": {}}))  # and: draft, propose, staff, closed


def need(right: object, fault: str) -> None:
    """Lists a fault."""
    wrong.extend([] if right else [fault])


def root(kept: list[str]) -> bytes:
    """The Merkle tree hash of entries' hashes (RFC 6962, 2.1)."""
    half = 1 << (len(kept) - 1).bit_length() - 1 if kept[1:] else 0  # the largest power of two below
    leaf = b"\0" * len(kept[:1]) + bytes.fromhex("".join(kept[:1]))
    return sha256(b"\1" + root(kept[:half]) + root(kept[half:]) if half else leaf).digest()


def take(place: str, about: tuple[str, str, str], facts: dict[str, Any]) -> None:
    """One entry, judged by what those before it say."""
    kind, agenda, actor = about
    here = rounds[agenda][facts["round"]] if kind in SIGNED or kind.startswith("usulan.") else {}
    if kind in PEOPLE:
        given, nip = [facts[name] for name in ["mandate"] if name in facts], facts["nip"]
        mandates[nip] = [*([] if kind.startswith("orang") else mandates[nip]), *given]
        told.extend(" ".join(["mandat,", place, nip, *one.values(), "DEMO" * facts.get("demo", 0)]) for one in given)
    elif kind == "usulan.disusun":
        here |= dict.fromkeys(re.sub("undo|purge", "draft propose", facts["step"]).split(), facts["digest"])
        here["staff"] = here.get("staff") if facts["step"] == "propose" else facts["staff"]
        here["rests"] = here.get("rests", []) if facts["step"] == "draft" else facts.get("rests_on", [])
        here["signed"] = {role: by for role, by in here["signed"].items() if by["digest"] == here.get(STEP[role])}
    elif kind in SIGNED:
        role, day = facts["withdraws"] or facts["role"], datetime.fromisoformat(facts["submitted_at"]) + WIB
        held = [m for m in mandates[actor] if m["role"] == role and m["valid_from"] <= str(day.date())]
        need([m for m in held if str(day.date()) <= (m["valid_to"] or "9")], f"{place}: {actor} tanpa mandat {role}")
        need(facts["proved"] and not facts["reason"], f"{place}: tanpa bukti orang")
        if kind == "keputusan.dicabut":
            here["signed"].pop(role, None)
        elif facts["digest"] == here.get(STEP[role]):
            here["signed"].setdefault(role, facts | {"actor": actor})
        preparers[agenda] |= {actor} if role == "staff" and kind == "keputusan" else set()
    elif kind in WRITTEN:
        judge(place, agenda, facts)
    if kind in WRITTEN or "tree" in facts:
        need(facts["tree"] == {"size": len(hashes) - 1, "root": root(hashes[1:]).hex()}, f"{place}: pohon lain")
    if kind == "usulan.gugur" or (kind in SIGNED and (facts["decision"] == "Tidak" or facts["withdraws"] == "staff")):
        here["closed"] = True


def judge(place: str, agenda: str, facts: dict[str, Any]) -> None:
    """A writing or an undo: what must stand in the entries before it."""
    here, undone = rounds[agenda][facts.get("round", 1)], facts.get("undoes") or facts.get("destroys")
    chain = [by for role, by in here["signed"].items() if role != "staff"]
    need([(by["role"], by["decision"]) for by in chain] == CHAIN, f"{place}: bukan Ya Kasi, Kabid, Kadis berurutan")
    need({here.get("propose"), *(by["digest"] for by in chain)} == {facts["digest"]}, f"{place}: sidik lain")
    newest = max(number for number, one in rounds[agenda].items() if "staff" in one or one is here)
    need(here is rounds[agenda][newest] and not here.get("closed"), f"{place}: ronde tertutup")
    need(not here.get("staff") or "staff" in here["signed"], f"{place}: Staff belum mengajukan")
    need(agenda not in done and (not undone or undone in done), f"{place}: dua kali, atau batal/musnah lebih dulu")
    hands = set[str]().union(*(preparers[one] for one in [agenda, *here.get("rests", [])]))  # theirs, too: taken over
    twice = [by for at, by in enumerate(chain) if by["actor"] in hands | {b["actor"] for b in chain[:at]}]
    wrong.extend(f"{place}: {by['actor']} penyusun, atau menyetujui dua jenjang" for by in twice if not by["noted"])
    told.extend(f"PERIKSA {place}: {by['actor']} {by['noted']}; DICATAT kantor" for by in twice if by["noted"])
    done.add(agenda)


def read(folder: Path) -> None:
    """Every entry of the copy: the chain first, then what it says."""
    book, copy = folder / "buku-agenda.jsonl", (folder / "ledger.sqlite").resolve().as_uri() + "?mode=ro"
    rows = [json.loads(line) for line in book.read_text("utf-8").split("\n") if line] if book.exists() else []
    if not book.exists() and (folder / "ledger.sqlite").exists():
        rows = sqlite3.connect(copy, uri=True).execute("select * from entries order by seq").fetchall()
    for number, (*fields, prev, stored) in enumerate(rows, 1):
        try:
            found = sha256("\n".join(map(str, [hashes[-1], *fields])).encode()).hexdigest()
            need((fields[0], prev, stored) == (number, hashes[-1], found), f"rantai putus pada entri {number}")
            alone.extend([number] if fields[2] in PEOPLE | SIGNED | WRITTEN else [])
            take(f"entri {number}", tuple(fields[2:5]), json.loads(fields[5]))
        except (AttributeError, KeyError, TypeError, ValueError):
            wrong.append(f"entri {number}: bukan seperti yang ditulis Sinkron")
        hashes.append(str(stored))


def head(number: int, text: str, whence: str) -> None:
    """A head from elsewhere: an entry's number, and its hash or the eight letters of its first 40 bits."""
    kept, fault = (hashes[number], "lain") if number < len(hashes) else ("", "tidak ada di Buku Agenda ini")
    letters = "".join(LETTERS[int(kept[:10] or "0", 16) >> shift & 31] for shift in range(35, -1, -5))
    need(kept and text.upper().translate(READ_AS) in (kept.upper(), letters), f"{whence}: kepala {number} {fault}")


def anchors(path: Path) -> None:
    """Heads noted outside, from the last accepted restore on: each must be in the chain."""
    bound = list[tuple[int, str, str]]()
    for number, line in enumerate(path.read_text("ascii", "replace").split("\n")[:-1], 1):
        found = NOTED.fullmatch(line)
        need(found or TORN.fullmatch(line), f"{path.name} baris {number}: bukan catatan kepala")
        if found and found[2] == "ledger":
            bound = [*([] if found[1] == "restored-" else bound), (int(found[3]), found[4], found[1])]
    for at, kept, _ in bound:
        head(at, kept, path.name)
    numbers, first = {at: how for at, _, how in bound} or {0: ""}, min([at for at, *_ in bound], default=0)
    told.append(f"jangkar: kepala {first} sampai {max(numbers)} dari {len(hashes) - 1}")
    need(len(hashes) - 1 <= max(numbers) + AT_ONCE, f"entri sesudah {max(numbers)} tidak dicatat jangkar")
    if lone := [number for number in alone if number > first and numbers.get(number, "late-") == "late-"]:
        told.append(f"PERIKSA entri {lone}: tanpa jangkar; prosesnya mati, atau ditulis tanpa Sinkron")


def main(folder: Path, given: list[str]) -> int:
    """Checks everything and prints it, the verdict first; returns the exit code."""
    try:
        read(folder)
        anchors(folder / "kepala.log") if (folder / "kepala.log").exists() else told.append("PERIKSA: tanpa kepala.log")
        for typed in given[1::2]:
            head(int(typed.partition(":")[0]), typed.partition(":")[2], "kertas")
        for path in sorted(folder.glob("usulan-*.txt")):
            (agenda, number), found = path.stem[len("usulan-") :].split("-r"), sha256(path.read_bytes()).hexdigest()
            need(found == rounds[agenda][int(number)].get("propose"), f"{path.name}: bukan yang ditandatangani")
    except (OSError, TypeError, ValueError, sqlite3.Error) as error:
        wrong.append(f"tidak terbaca: {error}")
    right = f"BENAR: {len(hashes) - 1} entri, kepala {hashes[-1]}" if hashes[1:] else "TIDAK ADA yang diperiksa"
    sys.stdout.write("\n".join([f"SALAH: {len(wrong)} hal" if wrong else right, *wrong, *told, LIMITS]))
    return 1 if wrong else 0 if hashes[1:] else 2


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]) if re.fullmatch(GIVEN, "\n".join([*sys.argv[1:], ""])) else __doc__)
