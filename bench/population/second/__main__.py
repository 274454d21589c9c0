"""`python -m bench.population.second OUT_DIR ...`: the options of `bench.population`, the second model."""

from bench.population.__main__ import main
from bench.population.second import generate

if __name__ == "__main__":
    main(make=generate)
