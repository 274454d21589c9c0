"""What happens by chance to n people or records."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def happens(rng: np.random.Generator, n: int, probability: ArrayLike) -> NDArray[np.bool_]:
    """True with the probability (one for all, or one per row)."""
    return rng.random(n) < np.asarray(probability)
