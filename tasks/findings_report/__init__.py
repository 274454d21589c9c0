"""The validation report of a batch: one HTML file that needs nothing but a browser, and shows nobody."""

from tasks.findings_report.page import render
from tasks.findings_report.write import write_findings_report

__all__ = ["render", "write_findings_report"]
