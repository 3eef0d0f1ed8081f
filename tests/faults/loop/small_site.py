"""A small site of its own: one folder, four source files that a test can spoil and mend, and the example plans."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from include.postmarket.model.batch import NEEDED, Outcome, Source, Window
from include.postmarket.model.period import Period
from include.postmarket.steps import detect, ingest, planning
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import ROOT, Settings

NOW = datetime(2018, 3, 1, tzinfo=UTC)
MARCH = Period(date(2017, 3, 1))
HEADINGS = {
    Source.REPORTS: "mdr_report_key,date_received,event_type,manufacturer_d_name,device_report_product_code",
    Source.COMPLAINTS: "complaint_id,received,event_date,model,serial,lot,software_version,region,imdrf_release,"
    "problem_code,health_impact_code,narrative",
    Source.EXPOSURE: "period,model,software_version,region,units_in_use,device_days",
}
FILES = {
    Source.REPORTS: "reports.csv",
    Source.COMPLAINTS: "complaints.csv",
    Source.EXPOSURE: "exposure.csv",
    Source.PERFORMANCE: "performance.parquet",
}


@dataclass(frozen=True)
class SmallSite:
    """The folder of the site and the address of its records."""

    home: Path
    database_url: str

    def house(self, database_url: str = "") -> House:
        """Give the house as a new process would open it, on other records where an address is given."""
        return House(
            Settings(
                home=self.home,
                database_url=database_url or self.database_url,
                lake=self.home / "lake",
                plans=self.home / "plans",
                sources=self.home / "sources.yaml",
                site_url="http://pages.example",
            )
        )

    def file(self, source: Source) -> Path:
        """Give the file of a source."""
        return self.home / FILES[source]

    def write(self, source: Source, rows: Sequence[str]) -> None:
        """Write a source's CSV file."""
        self.file(source).write_text("\n".join([HEADINGS[source], *rows]) + "\n", encoding="utf-8")

    def pull(self, source: Source, month: Period = MARCH, start: date | None = None) -> Outcome:
        """Land and accept one month of a source, as a new process would."""
        house = self.house()
        try:
            landed = ingest.land_source(house, source, Window(start or month.start, month.end), NOW)
            return ingest.accept_batch(house, landed.batch, NOW)
        finally:
            house.engine.dispose()

    def kept(self, content: bytes) -> bool:
        """Say whether some bytes lie in the landing of the lake."""
        return any(p.read_bytes() == content for p in (self.home / "lake" / "landing").rglob("*") if p.is_file())

    def environment(self) -> dict[str, str]:
        """Give the environment that points a process at this site."""
        return {
            "POSTMARKET_HOME": str(self.home),
            "POSTMARKET_DATABASE_URL": self.database_url,
            "POSTMARKET_PLANS": str(self.home / "plans"),
            "POSTMARKET_SOURCES": str(self.home / "sources.yaml"),
            "POSTMARKET_SITE_URL": "http://pages.example",
        }


def make_site(home: Path, database_url: str) -> SmallSite:
    """Give a site with good files of March 2017 in every source but performance, which nobody measured."""
    site = SmallSite(home, database_url)
    shutil.copytree(ROOT / "include" / "plans", home / "plans")
    lines = [f"{s.value}: {{path: {json.dumps(str(site.file(s)))}, label: simulated}}" for s in NEEDED]
    (home / "sources.yaml").write_text("\n".join(lines) + "\n")
    site.write(Source.REPORTS, [report(n, date(2017, 3, 1) + timedelta(days=n)) for n in range(20)])
    site.write(Source.COMPLAINTS, [complaint(n, date(2017, 3, 1 + n)) for n in range(20)])
    site.write(Source.EXPOSURE, ["2017-03-01,EP-100,3.0,EMEA,1000,30000", "2017-03-01,EP-200,3.1,EMEA,1000,30000"])
    return site


def report(number: int, received: date, maker: str = "BIOMET FRANCE", kind: str = "M") -> str:
    """Give a row of a report of bone cement."""
    return f"{7000000 + number},{received:%Y%m%d},{kind},{maker},LOD"


def complaint(number: int, received: date, code: str = "A0705") -> str:
    """Give a row of a complaint about a pump."""
    return f"C-{number:05d},{received},{received},EP-100,,L1,3.0,EMEA,2024,{code},,A text."


def surge() -> list[str]:
    """Give reports of eight months, five a month and 40 in the last: enough for a signal in August 2017."""
    months = [Period(date(2017, m, 1)) for m in range(1, 9)]
    counts = [5] * 7 + [40]
    days = [m.start + timedelta(days=k % 28) for m, n in zip(months, counts, strict=True) for k in range(n)]
    return [report(n, day) for n, day in enumerate(days)]


def find_a_signal(site: SmallSite, tracker: str) -> list[str]:
    """Take a surge through pull, check, detection and planning; gives the ids of the tickets planned for a tracker."""
    august = Period(date(2017, 8, 1))
    site.write(Source.REPORTS, surge())
    site.pull(Source.REPORTS, august, date(2017, 1, 1))
    house = site.house()
    run = detect.evaluate(house, "bone-cement", august, NOW)
    detect.reconcile_run(house, run.run_id, NOW)
    return planning.plan_tickets(house, tracker, NOW)
