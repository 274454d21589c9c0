"""SOP step 6 and its way back: writing what was approved, undoing it, and what stands in the way of either."""
