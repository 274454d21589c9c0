"""The masked copy that analysts read: made anew after every batch, checked, and moved in place."""

from tasks.publish.run import PUBLISHED, publish

__all__ = ["PUBLISHED", "publish"]
