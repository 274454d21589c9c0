"""The page of pairs: both records side by side, the reason in words and as a waterfall, for people to decide."""

from tasks.pairs_page.page import Pairs, render, write_page
from tasks.pairs_page.waterfall import waterfall, waterfall_png

__all__ = ["Pairs", "render", "waterfall", "waterfall_png", "write_page"]
