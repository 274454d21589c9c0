"""SOP step 2: which records are one person. A score only proposes; nothing is merged here (handbook 2).

Read in this order: records, index, compare, model, band, cluster, survive.
"""

from tasks.resolve.run import resolve

__all__ = ["resolve"]
