"""Memeriksa paket bukti Sinkron: hanya pustaka standar Python 3.9 ke atas; tidak menulis dan tidak membongkar apa pun.

python -I periksa.py PAKET.zip|FOLDER [--kepala NOMOR:HURUF ...]   (kepala dari kertas; keluar 0 benar, 1 salah)
"""

import json
import re
import sys
import zipfile
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

BOOK, MOST, WIB, CHAIN = "buku-agenda.jsonl", 1 << 29, timedelta(hours=7), ["kasi", "kabid", "kadis"]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
LETTERS, READ_AS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", str.maketrans("ILO", "110", "- ")  # a head on paper, 5 bits each
PEOPLE = ("orang.didaftarkan", "mandat.diberikan", "kode.diganti", "orang.dinonaktifkan")
WRITTEN, TRY, VOID, PAPERS = ("data.ditulis", "data.dibatalkan"), "percobaan.ditolak", "usulan.gugur", "dokumen/"
STEPS = {"draft": ["staff"], "propose": CHAIN, "undo": ["staff", *CHAIN]}  # who decides about what was proposed
TIED = ["BELUM terikat kertas (--kepala)", "terikat kertas sampai penulisannya", "SELURUHNYA terikat kertas"]
LIMITS = """TIDAK DAPAT diperiksa di sini: paket yang seluruhnya palsu (samakan kepala dan surat mandat dengan kertas);
kode TOTP, Ed25519, kunci perangkat (tanyakan orangnya atau sinkron verify); tanda tangan dalam PDF; salinan tersamar"""
wrong, told, rows = list[str](), list[str](), dict[int, Any]()  # seq: seq, at, kind, batch, actor, facts, hash, proof


def need(right: object, fault: str) -> None:
    """Lists a fault."""
    wrong.extend([] if right else [fault])


def members(path: Path) -> dict[str, bytes]:
    """Name and bytes of everything in the pack, in memory."""
    box = None if path.is_dir() else zipfile.ZipFile(path)
    found = [(one.relative_to(path).as_posix(), one.stat().st_size) for one in path.rglob("*") if one.is_file()]
    found = [(one.filename, one.file_size) for one in box.infolist() if not one.is_dir()] if box else found
    size, good = sum(size for _, size in found), {name for name, _ in found if NAME.fullmatch(name)}
    odd = sorted({name for name, _ in found} - good)
    need(len(good) == len(found) and size <= MOST, f"{size} byte, batas {MOST}; nama ganda, atau terlarang: {odd}")
    return {name: box.read(name) if box else (path / name).read_bytes() for name in good if size <= MOST}


def root(kept: list[str]) -> bytes:
    """The Merkle tree hash of entries' hashes (RFC 6962, 2.1)."""
    half = 1 << (len(kept) - 1).bit_length() - 1 if kept[1:] else 0  # the largest power of two below
    return sha256(b"\1" + root(kept[:half]) + root(kept[half:]) if half else b"\0" + bytes.fromhex(kept[0])).digest()


def climb(kept: str, at: int, size: int, path: list[str]) -> bytes:
    """The root that a proof leads to from an entry at a place (from 0) of a tree of that size."""
    half = 1 << (size - 1).bit_length() - 1 if size > 1 and path else 0
    if not half:
        return root([kept]) if size == 1 and not path else b""
    at, size, first = (at, half, True) if at < half else (at - half, size - half, False)
    here, beside = climb(kept, at, size, path[:-1]), bytes.fromhex(path[-1])
    return sha256(b"\1" + (here + beside if first else beside + here)).digest()


def read(files: dict[str, bytes]) -> tuple[int, int]:
    """Entries with their proofs, members by what entries say of them; returns the first writing and the last entry."""
    for line in files[BOOK].decode().split("\n")[:-1]:
        (seq, *fields, prev, kept), path = json.loads(line)
        found = sha256("\n".join(map(str, [prev, seq, *fields])).encode()).hexdigest()
        same = kept == found and line == json.dumps([[seq, *fields, prev, kept], path], ensure_ascii=False)
        need(same and seq > max(rows, default=0), f"entri {seq}: isinya atau tempatnya lain dari yang dicatat")
        rows[seq] = [seq, *fields[:4], json.loads(fields[4]), kept, path]
    first, last = min(seq for seq in rows if rows[seq][2] in WRITTEN), max(rows)
    for seq, (_, _, kind, batch, _, facts, kept, path) in rows.items():
        by = first if seq < first else last  # whose tree it is in
        top = {"size": by - 1, "root": climb(kept, seq - 1, by - 1, path).hex()}
        need(rows[by][5]["tree"] == top or seq == last, f"entri {seq}: pembuktiannya tidak sampai ke pohon entri {by}")
        if kind in WRITTEN or seq == last:
            took = [["keputusan", one] for o in rows.values() if o[3] == batch for one in o[5].get("rests_on", [])]
            kin = [o for o in rows.values() if o[2] in PEOPLE or o[2:4] in took or f"{o[3]}-U".startswith(f"{batch}-U")]
            own = [one[6] for one in kin if one[0] < seq]
            need(facts["rests"] == {"size": len(own), "root": root(own).hex()}, f"entri {seq}: dasarnya tidak lengkap")
    sums, out = {name: sha256(body).hexdigest() for name, body in files.items()}, dict[str, str]()
    for _, _, kind, batch, _, facts, *_ in rows.values():
        if kind in WRITTEN:
            out[f"usulan-{batch}-r{facts.get('round', 1)}.txt"] = facts["digest"]
        elif kind == "data.dikeluarkan" and facts.get("masked") and "file" in facts:
            out[f"{PAPERS}{batch}/{facts['file']}"] = facts["sha256"]
        told.extend(f"berkas asal {one['name']}: SHA-256 {one['sha256']}" for one in facts.get("files", []))
    kept = rows[last][5]["contents"] | {BOOK: sums[BOOK]}
    for name in sorted({*sums, *kept}):
        also = out.get(name, None if name.startswith(PAPERS) else kept.get(name))
        need(sums.get(name) == kept.get(name) == also, f"{name}: lain dari yang dicatat, atau tidak ada")
    told.extend(f"PERIKSA {lost}: tidak ada dalam paket" for lost in out if lost not in sums and PAPERS in lost)
    return first, last


def judge(seq: int, agenda: str, facts: dict[str, Any]) -> None:
    """A writing or an undo: what must stand in the entries before it."""
    place = f"entri {seq} ({agenda}{' MEMBATALKAN ' + facts['undoes'] if 'undoes' in facts else ''})"
    put, signed, shut, yes = dict[str, Any](), dict[str, Any](), False, [(one, "Ya", facts["digest"]) for one in CHAIN]
    mine, number = [one for one in rows.values() if one[0] < seq and one[3] == agenda], facts.get("round", 1)
    for at, _, kind, _, nip, says, *_ in [one for one in mine if one[2] != TRY and one[5].get("round", 1) >= number]:
        if kind == "usulan.disusun":
            shut, put = shut or says["round"] > number, put | dict.fromkeys(STEPS[says["step"]], says)
            signed = {role: by for role, by in signed.items() if by[2]["digest"] == put[role]["digest"]}
        elif kind == "keputusan.dicabut":
            signed.pop(says["withdraws"], None)
        elif kind == "keputusan" and says["digest"] == put[says["role"]]["digest"]:
            signed.setdefault(says["role"], (at, nip, says))
        shut = shut or kind in (*WRITTEN, VOID) or says.get("decision") == "Tidak" or says.get("withdraws") == "staff"
    chain = [(role, by[2]["decision"], by[2]["digest"]) for role, by in signed.items() if role != "staff"]
    need(chain == yes and not shut, f"{place}: bukan Ya Kasi, Kabid, Kadis berurutan untuk yang ditulis, atau gugur")
    need("staff" in signed or not put.get("staff", {}).get("staff"), f"{place}: Staff belum mengajukan")
    took = [["keputusan", one] for one in [agenda, *put.get("kasi", {}).get("rests_on", [])]]  # and so decided before
    seen = {one[4] for one in rows.values() if one[0] < seq and one[2:4] in took and one[5]["role"] == "staff"}
    for at, nip, by in [by for role, by in signed.items() if role != "staff"]:
        day, post = str((datetime.fromisoformat(by["submitted_at"]) + WIB).date()), by["mandate"]
        theirs = [one for one in rows.values() if one[2] in PEOPLE and one[0] < at and one[5]["nip"] == nip]
        since = max([one[0] for one in theirs if one[2].startswith("orang")], default=0)  # registered anew, or disabled
        held = post in [one[5].get("mandate") for one in theirs if one[0] >= since] and post["role"] == by["role"]
        good = held and post["valid_from"] <= day <= (post["valid_to"] or "9") and by["proved"] and not by["reason"]
        need(good, f"{place}: {nip} tanpa mandat {by['role']} pada {day}, atau tanpa bukti orang")
        need(nip not in seen or by["noted"], f"{place}: {nip} penyusun, atau menyetujui dua jenjang")
        told.append(" ".join(["PERIKSA mandat,", place, nip, day, *[one or "-" for one in post.values()], by["noted"]]))
        seen.add(nip)
    arrived = sum(file["received"] for one in mine if one[2] == "berkas.diterima" for file in one[5]["files"])
    ends = sum(facts.get("outcomes", {}).values()) + facts.get("rejected", 0)
    need(facts.get("received", 0) == ends == arrived, f"{place}: baris diterima lain dari jumlah hasilnya")


def main(path: Path, given: list[str]) -> int:
    """Checks everything and prints it, the verdict first; returns the exit code."""
    right, bound = "TIDAK ADA yang diperiksa: bukan paket bukti Sinkron, atau terpotong", set[int]()
    try:
        if files := members(path) if path.is_dir() or zipfile.is_zipfile(path) else {}:
            first, last = read(files)
            for seq in [seq for seq, one in rows.items() if one[2] in WRITTEN]:
                judge(seq, rows[seq][3], rows[seq][5])
            for number, _, text in [typed.partition(":") for typed in given[1::2]]:
                kept = rows[int(number)][6] if int(number) in rows else ""
                letters = "".join(LETTERS[int(kept[:10] or "0", 16) >> shift & 31] for shift in range(35, -1, -5))
                need(kept and text.upper().translate(READ_AS) in (kept.upper(), letters), f"kepala {number}: lain")
                bound.add(int(number))
            tied = TIED[2 if last in bound else first in bound]
            right = f"BENAR, {tied}: agenda {rows[last][3]}, {len(rows)} entri; kepala paket {last}:{rows[last][6]}"
    except Exception as error:  # noqa: BLE001 (whatever a forged pack holds, the verdict is told)
        wrong.append(f"tidak terbaca sebagai paket bukti ({type(error).__name__})")
    lines = [f"SALAH: {len(wrong)} hal" if wrong else right, *wrong, *told, *LIMITS.split("\n")]
    sys.stdout.write("".join(re.sub("[^ -~]", "?", line) + "\n" for line in lines))
    return 1 if wrong else 0 if rows else 2


if __name__ == "__main__":
    typed = re.fullmatch("(--kepala [0-9]+:[^ ]+ )*", "".join(f"{word} " for word in sys.argv[2:]))
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]) if sys.argv[1:] and typed else __doc__)
