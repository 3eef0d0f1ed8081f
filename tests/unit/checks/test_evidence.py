"""The page of a check: readable, self-contained and safe to open."""

from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pandas as pd

from include.postmarket.checks import run
from include.postmarket.checks.codes import CodeList
from include.postmarket.checks.evidence import LISTED, report_html
from include.postmarket.checks.result import History, Limits
from include.postmarket.model.batch import Label, Landing, Media, Source, Window
from include.postmarket.sources import manufacturers, performance, reports

HEADER = "mdr_report_key,date_received,event_type,manufacturer_d_name,foi_text"


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text.append(data)


def _html(rows: pd.DataFrame, source: Source = Source.REPORTS, origin: str = "made.csv", share: float = 1.0) -> str:
    landing = Landing(
        source=source,
        window=Window(date(2024, 3, 1), date(2024, 4, 1)),
        sha256="a" * 64,
        size=1,
        media=Media.CSV,
        origin=origin,
        label=Label.SIMULATED,
        pulled_at=datetime(2024, 4, 2, tzinfo=UTC),
    )
    codes = CodeList(frozenset({("2024", "A07")}))
    return report_html(run.check(rows, landing, History(), Limits(quarantine_share=share), codes).evidence)


def _reports(*rows: str) -> pd.DataFrame:
    return reports.read("\n".join((HEADER, *rows)).encode(), Media.CSV, manufacturers.load())


def test_page_says_what_was_found() -> None:
    """Verdict, rule names, counts and the keys of bad rows can be read."""
    text = Page(_html(_reports("77,20240305,ZZ,ACME,"), share=0.5)).text

    for said in ("Stopped: 1 of 1 rows are bad (100.0%), the plan allows 50.0% of a pull", "event_type_valid", "77"):
        assert said in text
    assert any("simulated data" in t for t in text)


def test_hostile_text_is_only_text() -> None:
    """Markup in a key or a file's name is shown as text; the page has no script and asks the network for nothing."""
    page = Page(_html(_reports('"<img src=x onerror=alert(1)>",20240305,ZZ,ACME,'), origin="<script>alert(1)</script>"))

    assert {"script", "img", "link", "iframe"}.isdisjoint(page.tags)
    assert "<img src=x onerror=alert(1)>" in page.text
    assert {"src", "href", "onerror"}.isdisjoint(name for name, _ in page.attributes)


def test_no_narrative_and_no_device_key() -> None:
    """Narratives never reach the page, nor keys of a table whose key stays inside, nor text in the place of a key."""
    told = _html(_reports(f"{'Jane Roe fell ' * 9},20240305,ZZ,ACME,Jane Roe was hurt"))
    measured = _html(
        performance.read(
            b"device,measured,model,battery_hours,flow_error_percent,occlusion_alarms_per_100_h,motor_current_ma\n"
            b"SN-88121,2024-03-05,X,-1,0,0,0\n",
            Media.CSV,
        ),
        Source.PERFORMANCE,
    )

    assert "Jane Roe" not in told
    assert "SN-88121" not in measured
    assert "battery_hours_possible" in measured


def test_long_list_is_cut_and_says_so() -> None:
    """A page lists the first bad rows and how many more the evidence holds."""
    html = _html(_reports(*(f"{n},20240305,ZZ,ACME," for n in range(LISTED + 7))))

    assert "7 more are in the stored evidence" in html
