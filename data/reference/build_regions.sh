#!/usr/bin/env bash
# Builds regions.csv and regencies.csv from the npm package idn-area-data (data: ODbL 1.0; Kepmendagri
# 100.1.1-6117/2022 and UU 29/2022). regions.csv: every district of Indonesia, and every kelurahan of the office's own
# city; regencies.csv: every regency and city (code = digits only).
# Usage: data/reference/build_regions.sh [regency code, default 35.76]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
city=${1:-35.76}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent idn-area-data@3.1.2 >/dev/null
tar xzf idn-area-data-*.tgz
python3 - "$city" "$here/regions.csv" "$here/regencies.csv" <<'PY'
import csv, sys
city, out, regencies = sys.argv[1:]
digits = lambda code: code.replace(".", "")
rows = [("kecamatan", digits(r["code"]), r["name"].upper()) for r in csv.DictReader(open("package/data/districts.csv"))]
rows += [("kelurahan", digits(r["code"]), r["name"].upper())
         for r in csv.DictReader(open("package/data/villages.csv")) if r["district_code"].startswith(city)]
with open(out, "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(("level", "code", "name"))
    w.writerows(sorted(rows))
with open(regencies, "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(("code", "name"))
    w.writerows(sorted((digits(r["code"]), r["name"].upper()) for r in csv.DictReader(open("package/data/regencies.csv"))))
PY
