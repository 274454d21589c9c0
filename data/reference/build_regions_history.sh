#!/usr/bin/env bash
# Builds regions_history.csv: every district code (= first six digits of a NIK) that a published code list of
# 2015-2025 knows. A NIK stays valid for life, so codes withdrawn since then must still be recognised.
# Sources and licences: README.md in this folder. Pinned versions; refuses a source whose licence or count changed.
# Needs bash, python3 with pip, npm. Usage: data/reference/build_regions_history.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm_packages="nik-parser@1.0.1 administratif-indonesia@0.2.0 parsenik@1.0.3
  idn-area-data@2.2.1 idn-area-data@3.1.2 idn-area-data@4.0.1"
for package in $npm_packages; do
    mkdir "$package"
    tarball=$(npm pack --silent "$package" | tail -n 1)
    tar xzf "$tarball" -C "$package" --strip-components=1
done
python3 -m pip download --quiet --no-deps --only-binary=:all: nomiden==0.0.7
python3 -m zipfile -e nomiden-0.0.7-*.whl nomiden@0.0.7
python3 - "$here/regions_history.csv" "$here/regions.csv" <<'PY'
import csv, json, re, sys
from pathlib import Path

out, current = sys.argv[1:]


def table(path, name):
    with open(path, encoding="utf-8", newline="") as file:
        return [(row["code"], row[name]) for row in csv.DictReader(file)]


def nik_parser(at):
    return json.loads((at / "src/wilayah.json").read_text("utf-8"))["kecamatan"].items()


def administratif(at):
    for file in sorted(at.glob("storages/[0-9]*.json")):
        yield from ((r["code"], r["name"]) for r in json.loads(file.read_text("utf-8")) if r["type"] == "kecamatan")


def nomiden(at):
    return [(code, name) for code, name in table(at / "nomiden/data/regcode.csv", "region") if len(code) == 6]


def parsenik(at):
    for province in json.loads((at / "source.json").read_text("utf-8")):
        for regency in province["kabupaten_kota"]:
            yield from ((district["kode"], district["nama"]) for district in regency["kecamatan"])


def idn_area_data(at):
    return table(at / "data/districts.csv", "name")


# Oldest list first: first_source and last_source follow this order. (reader, licence declared, districts expected)
SOURCES = {
    "nik-parser 1.0.1": (nik_parser, "MIT", 7030),
    "administratif-indonesia 0.2.0": (administratif, "MIT", 7201),
    "nomiden 0.0.7": (nomiden, "MIT", 7230),
    "parsenik 1.0.3": (parsenik, "MIT", 7266),
    "idn-area-data 2.2.1": (idn_area_data, "MIT", 7277),
    "idn-area-data 3.1.2": (idn_area_data, "MIT", 7277),
    "idn-area-data 4.0.1": (idn_area_data, "MIT", 7285),
}


def declared_licence(at):
    if (at / "package.json").exists():
        return json.loads((at / "package.json").read_text("utf-8"))["license"]
    metadata = next(at.glob("*.dist-info/METADATA")).read_text("utf-8")
    return re.search(r"^License: (.+)$", metadata, re.MULTILINE)[1]


def tidy(name):
    name = re.sub(r" -- \d*$", "", name).strip(" .\t\u00a0")  # nik-parser appends the postal code
    return " ".join(name.upper().split())


def districts(source):
    reader, licence, expected = SOURCES[source]
    at = Path(source.replace(" ", "@"))
    if declared_licence(at) != licence:
        sys.exit(f"{source}: licence is {declared_licence(at)}, expected {licence}")
    if reader is idn_area_data and "Open Database License" not in (at / "data/LICENSE.md").read_text("utf-8"):
        sys.exit(f"{source}: its data are no longer under the Open Database License")
    rows = [(code.replace(".", ""), tidy(name)) for code, name in reader(at)]
    bad = [code for code, name in rows if not re.fullmatch(r"[1-9]\d{5}", code) or not name]
    if bad or len(rows) != expected or len(dict(rows)) != expected:
        sys.exit(f"{source}: {len(rows)} rows, {len(dict(rows))} codes, expected {expected}; malformed: {bad[:5]}")
    return dict(rows)


history = {}
for source in SOURCES:
    listed = districts(source)
    new = listed.keys() - history.keys()
    for code, name in listed.items():
        first = history[code][2] if code in history else source
        history[code] = (name, "kecamatan", first, source)
    print(f"{source}: {len(listed)} districts, {len(new)} not in an older source")
with open(current, encoding="utf-8", newline="") as file:
    missing = {r["code"] for r in csv.DictReader(file) if r["level"] == "kecamatan"} - history.keys()
if missing:
    sys.exit(f"regions.csv has districts no source lists: {sorted(missing)[:5]}")
with open(out, "w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("code", "name", "level", "first_source", "last_source"))
    writer.writerows((code, *history[code]) for code in sorted(history))
newest = list(SOURCES)[-1]
withdrawn = sum(row[3] != newest for row in history.values())
print(f"{len(history)} codes written, {withdrawn} of them no longer in {newest}")
PY
