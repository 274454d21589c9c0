"""Which records are one person. A score only proposes; nothing is merged here (handbook 2).

Read in this order: names, prepare, index, compare, model, judge, band, cluster, group, link; then run and survive,
which are the office's use of it.
"""
