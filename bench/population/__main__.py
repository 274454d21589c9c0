"""`python -m bench.population OUT_DIR --residents N ...`: writes a synthetic register and its truth as Parquet."""

import argparse
from collections.abc import Callable
from pathlib import Path

from bench.population.baseline import split
from bench.population.generator import Population, Settings, generate


def main(arguments: list[str] | None = None, make: Callable[[Settings], Population] = generate) -> None:
    """people, truth and twins.parquet; with --baseline-split also extract, baseline, their truth and link_truth."""
    parser = argparse.ArgumentParser(prog="bench.population", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--residents", type=int, default=1_000_000, help="records in all")
    parser.add_argument("--duplicates", type=float, default=0.05, help="share of records that repeat a person")
    parser.add_argument("--twins", type=float, default=0.012, help="share of people who have a twin")
    parser.add_argument(
        "--parents-missing", default="0.07,0.12", help="share of records without mother, without father"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--baseline-split", type=int, metavar="N", help="cut off an extract of N records")
    given = parser.parse_args(arguments)
    mother, father = (float(part) for part in given.parents_missing.split(","))
    settings = Settings(given.residents, given.duplicates, given.twins, (mother, father), given.seed)
    population = make(settings)
    given.folder.mkdir(parents=True, exist_ok=True)
    frames = {"people": population.people, "truth": population.truth, "twins": population.twins}
    if given.baseline_split:
        cut = split(population, given.baseline_split, given.seed)
        frames |= {"extract": cut.extract, "baseline": cut.baseline, "link_truth": cut.links}
        frames |= {"extract_truth": cut.extract_truth, "baseline_truth": cut.baseline_truth}
    for name, frame in frames.items():
        frame.write_parquet(given.folder / f"{name}.parquet", compression="zstd", row_group_size=250_000)
    persons = population.truth["person"].n_unique()
    print(
        f"{given.folder}: {population.people.height} records of {persons} people, {population.twins.height} pairs of twins' records"
    )


if __name__ == "__main__":
    main()
