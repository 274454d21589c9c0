"""Faults of ``kantor.toml``: all of them at once, each naming its place."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from expectations.approvals import LEVELS, Separation
from tasks.office_settings.sections import (
    Door,
    Letterhead,
    Machine,
    Notices,
    OfficeSettings,
    Shape,
    Signature,
    Signing,
    Watching,
)
from tasks.resolve.dask_fan import CLOSED, is_closed

LONGEST = 200  # letters of one text on a letterhead
RELAY = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
BLOCK = re.compile(r"[a-z0-9-]{1,60}/[a-z0-9-]{1,60}")
PLACE = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?")
LEAST_YEARS, MOST_YEARS = 1, 100  # of retention
LEAST_MIB, MOST_MIB = 64, 2**24  # of memory; DuckDB hardly starts with less
MOST_AT_ONCE = {"pekerja": 8, "serentak": 16}  # each batch that is worked on is a process
AGE_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")


def faults(chosen: dict[str, Any]) -> list[str]:
    """What is wrong, in Indonesian; nothing for a file that holds."""
    wrong = _unknown("", chosen, OfficeSettings)
    wrong += _texts("kop", chosen.get("kop", {}), Letterhead) + _texts("tanda_tangan", chosen.get("tanda_tangan", {}),
                                                                       Signing)  # fmt: skip
    if chosen.get("pemisahan", Separation.STRICT) not in set(Separation):
        wrong.append(f"pemisahan = {chosen['pemisahan']!r}")
    for name in ("jangkar", "salinan_kunci"):
        if name in chosen and not (isinstance(chosen[name], str) and Path(chosen[name]).is_absolute()):
            wrong.append(f"{name} bukan jalur lengkap")
    years = chosen.get("retensi_tahun", LEAST_YEARS)
    if isinstance(years, bool) or not isinstance(years, int) or not LEAST_YEARS <= years <= MOST_YEARS:
        wrong.append(f"retensi_tahun bukan bilangan {LEAST_YEARS} sampai {MOST_YEARS}")
    signing = chosen.get("tanda_tangan", {})
    if isinstance(signing, dict) and signing.get("cara", Signature.INK) not in set(Signature):
        wrong.append(f"tanda_tangan.cara = {signing['cara']!r}")
    recipients = chosen.get("penerima", [])
    if not isinstance(recipients, list) or not all(AGE_RECIPIENT.fullmatch(str(one)) for one in recipients):
        wrong.append("penerima bukan daftar kunci age1...")
    return (
        wrong
        + _notice_faults(chosen.get("pemberitahuan", {}))
        + _door_faults(chosen.get("pintu", {}))
        + _machine_faults(chosen.get("mesin", {}))
    )


def _notice_faults(chosen: object) -> list[str]:
    """Faults of [pemberitahuan]: a reminder that goes nowhere is worse than none."""
    section = "pemberitahuan"
    if not isinstance(chosen, dict):
        return _texts(section, chosen, Notices)
    by_role = {name: chosen[name] for name in ("alamat", "obrolan") if name in chosen}
    wrong = _texts(section, {name: value for name, value in chosen.items() if name not in by_role}, Notices)
    for name, given in by_role.items():
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            wrong.append(f"{section}.{name} bukan bagian [{section}.{name}] dengan teks per jabatan")
        else:
            wrong += [f"jabatan {role!r} dalam {section}.{name} tidak dikenal" for role in given if role not in LEVELS]
    if chosen.get("bentuk", Shape.JSON) not in set(Shape):
        wrong.append(f"{section}.bentuk = {chosen['bentuk']!r}")
    if chosen.get("surel") and not (RELAY.fullmatch(str(chosen["surel"])) and "@" in str(chosen.get("dari", ""))):
        wrong.append(f"{section}.surel bukan host:port, atau tanpa dari = alamat pengirim")
    if chosen.get("webhook") and not str(chosen["webhook"]).startswith(("http://", "https://")):
        wrong.append(f"{section}.webhook bukan alamat http")
    if chosen.get("blok") and not BLOCK.fullmatch(str(chosen["blok"])):
        wrong.append(f"{section}.blok bukan jenis/nama sebuah blok, misalnya slack-webhook/kantor")
    return wrong


def _door_faults(chosen: object) -> list[str]:
    """Faults of [pintu]: a door that is half set up would stand open, or lock everybody out."""
    section = "pintu"
    if not isinstance(chosen, dict):
        return [f"{section} bukan bagian [{section}]"]
    wrong = _unknown(section, chosen, Door)
    if not isinstance(chosen.get("wajib", False), bool):
        wrong.append(f"{section}.wajib bukan true atau false")
    places = [
        name
        for name in ("alamat", "dasbor")
        if chosen.get(name, "") != "" or (chosen.get("wajib") and name == "alamat")
    ]
    wrong += [
        f"{section}.{name} bukan https://nama-host tanpa jalur"
        for name in places
        if not PLACE.fullmatch(str(chosen.get(name, "")))
    ]
    port = chosen.get("port", Door.port)
    if isinstance(port, bool) or not isinstance(port, int) or not 1024 <= port < 65535:  # noqa: PLR2004 (ports for us)
        wrong.append(f"{section}.port bukan bilangan 1024 sampai 65534")
    people = chosen.get("orang", {})
    if not isinstance(people, dict):
        return [*wrong, f"{section}.orang bukan bagian [{section}.orang]"]
    if not all(re.fullmatch(r"[0-9]{18}", nip) and role in set(Watching) for nip, role in people.items()):
        wrong.append(f'{section}.orang bukan "NIP 18 angka" = "pengamat" atau "teknisi"')
    return wrong


def _machine_faults(chosen: object) -> list[str]:
    """Faults of [mesin]."""
    section = "mesin"
    if not isinstance(chosen, dict):
        return [f"{section} bukan bagian [{section}]"]
    wrong = _unknown(section, chosen, Machine)
    memory, folder = chosen.get("memori_mib", 0), chosen.get("sementara", "")
    if isinstance(memory, bool) or not isinstance(memory, int) or not (memory == 0 or LEAST_MIB <= memory <= MOST_MIB):
        wrong.append(f"{section}.memori_mib bukan 0, atau bilangan {LEAST_MIB} sampai {MOST_MIB}")
    for name, most in MOST_AT_ONCE.items():
        count = chosen.get(name, 1)
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most:
            wrong.append(f"{section}.{name} bukan bilangan 1 sampai {most}")
    if folder != "" and not (isinstance(folder, str) and Path(folder).is_absolute()):
        wrong.append(f"{section}.sementara bukan jalur lengkap")
    scheduler = chosen.get("dask", "")
    if not (isinstance(scheduler, str) and (not scheduler or is_closed(scheduler))):
        wrong.append(f"{section}.dask bukan {CLOSED}")
    return wrong


def _unknown(section: str, chosen: dict[str, Any], kind: type[Any]) -> list[str]:
    known = {one.name for one in fields(kind)}
    return [f"nama {f'{section}.{name}'.lstrip('.')!r} tidak dikenal" for name in chosen if name not in known]


def _texts(section: str, chosen: object, kind: type[Any]) -> list[str]:
    """Faults of a table of short texts on one line."""
    if not isinstance(chosen, dict):
        return [f"{section} bukan bagian [{section}]"]
    odd = [
        f"{section}.{name} bukan teks satu baris sampai {LONGEST} huruf"
        for name, value in chosen.items()
        if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable()
    ]
    return [*_unknown(section, chosen, kind), *odd]
