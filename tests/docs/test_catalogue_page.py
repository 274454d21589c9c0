"""The catalogue's pages are the rules: made from them, complete, and readable without the internet."""

import re

from expectations.rules import CATALOGUE
from expectations.thresholds import THRESHOLDS
from tasks.catalogue import DOCS, as_markdown, groups
from tasks.catalogue_page import as_html

MARKDOWN, PAGE = DOCS / "catalogue.md", DOCS / "katalog.html"


def test_the_pages_are_what_the_rules_give() -> None:
    """If this fails, people read another rule than the one that runs: run ``make docs``."""
    assert MARKDOWN.read_text(encoding="utf-8") == as_markdown()
    assert PAGE.read_text(encoding="utf-8") == as_html()


def test_every_rule_is_documented_whole() -> None:
    """If this fails, a finding's code leads nowhere, or does not say what it means, what to do, or why it is a rule."""
    markdown, page = MARKDOWN.read_text(), PAGE.read_text()
    parts = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", markdown, re.MULTILINE | re.DOTALL))
    assert list(parts) == [rule.code for rules in groups().values() for rule in rules]
    assert set(parts) == {rule.code for rule in CATALOGUE}
    for rule in CATALOGUE:
        for text in (rule.title, rule.explanation, rule.what_to_do, rule.source):
            assert rule.told(text) in parts[rule.code], rule.code
        assert f"{rule.severity} · {rule.level}" in parts[rule.code]
        first_line = (rule.sql or "(dinilai").strip().splitlines()[0]
        assert first_line in parts[rule.code]
        assert f'id="{rule.code}"' in page


def test_every_threshold_is_documented() -> None:
    """If this fails, the Kabid can not find out which number to set, or within which bounds."""
    markdown, page = MARKDOWN.read_text(), PAGE.read_text()
    for threshold in THRESHOLDS:
        row = next(
            line for line in markdown.splitlines() if line.startswith(f"| `{threshold.name}` | {threshold.value} |")
        )
        assert threshold.meaning in row
        assert f'<td class="code">{threshold.name}</td>' in page
    assert "ambang.toml" in markdown
    assert "ambang.toml" in page


def test_links_inside_the_catalogue_lead_to_headings() -> None:
    """If this fails, a reader clicks a group or a rule and stays where he is."""
    markdown, page = MARKDOWN.read_text(), PAGE.read_text()
    headings = [re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-")
                for text in re.findall(r"^#+ (.+)$", markdown, re.MULTILINE)]  # fmt: skip
    assert set(re.findall(r"\]\(#([^)]+)\)", markdown)) <= set(headings)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r' id="([^"]+)"', page))
    assert len(set(headings)) == len(headings)


def test_the_page_needs_no_address() -> None:
    """If this fails, the catalogue stays empty on a desk without internet, or tells an outside server who reads it."""
    page = PAGE.read_text()
    assert not re.search(r"https?://|//[a-z]+\.[a-z]|@import|url\(|<link|<iframe| src=", page)
    assert "default-src 'none'" in page
