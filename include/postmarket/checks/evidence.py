"""Check results as evidence: plain JSON that is stored with the batch, and the page an inspector reads.

Neither holds a cell's value: rules, counts, row numbers and record keys only (G4); keys of tables whose key column
stays inside are left out too.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from include.postmarket.checks.result import CheckResult, Standing
from include.postmarket.checks.rules import Asked
from include.postmarket.model.batch import Landing
from include.postmarket.model.canonical import plain

SCHEMA = "postmarket/check-evidence/1"

#: The page lists this many bad rows; the evidence itself lists all.
LISTED = 200

#: A key longer than this is no key but text that slipped.
_LONGEST_KEY = 64


def evidence_of(result: CheckResult, rows: pd.DataFrame, asked: Asked, landing: Landing) -> dict[str, Any]:
    """Give what the checks found, as plain JSON values; the same rows give the same evidence."""
    keys = _keys(rows, asked)
    return {
        "schema": SCHEMA,
        "source": landing.source.value,
        "batch": landing.batch,
        "origin": landing.origin,
        "label": landing.label.value,
        "window": plain(landing.window),
        "pulled_on": asked.pulled_on.isoformat(),
        "limits": plain(asked.limits),
        "history": list(asked.history.per_day),
        "rows": result.rows,
        "bad_rows": len(result.failed),
        "stopped": result.stopped,
        "rules": plain(result.rules),
        "failed": [{"row": row, "key": keys.get(row, ""), "rules": list(r)} for row, r in result.failed.items()],
    }


def report_html(evidence: dict[str, Any]) -> str:
    """Give the evidence as one self-contained page: no script, nothing from the network, every value escaped."""
    window = evidence["window"]
    verdict = f"Stopped: {evidence['stopped']}" if evidence["stopped"] else "Let through"
    facts = {
        "Source": evidence["source"],
        "Came from": f"{evidence['origin']} ({evidence['label']} data)",
        "Days": f"{window['start']} to before {window['end']}",
        "Pulled on": evidence["pulled_on"],
        "Rows checked": evidence["rows"],
        "Bad rows": evidence["bad_rows"],
        "Batch": evidence["batch"],
    }
    rules = [
        (r["rule"], r["severity"], r["standing"], str(r["rows"]), r["message"])
        for r in sorted(evidence["rules"], key=lambda r: r["standing"] == Standing.KEPT.value)
    ]
    bad = [(str(f["row"]), f["key"], ", ".join(f["rules"])) for f in evidence["failed"][:LISTED]]
    more = len(evidence["failed"]) - len(bad)
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>Checks of {escape(evidence['source'])}</title><style>{_STYLE}</style></head><body>",
            f"<h1>Checks of {escape(evidence['source'])}</h1>",
            f'<p class="{"stopped" if evidence["stopped"] else "through"}">{escape(verdict)}</p>',
            _table(("", ""), [(name, str(value)) for name, value in facts.items()]),
            "<h2>Rules</h2>",
            _table(("Rule", "When broken", "Result", "Rows", "What was found"), rules),
            "<h2>Bad rows</h2>",
            _table(("Row", "Key", "Rules it broke"), bad) if bad else "<p>None.</p>",
            f"<p>{more} more are in the stored evidence.</p>" if more > 0 else "",
            "</body></html>",
        )
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    heads = "".join(f'<th scope="col">{escape(h)}</th>' for h in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{heads}</tr></thead>' if any(head) else ''}<tbody>{body}</tbody></table>"


def _keys(rows: pd.DataFrame, asked: Asked) -> dict[int, str]:
    shown = [c for c in asked.table.key if c not in asked.table.inside]
    if set(shown) != set(asked.table.key):
        return {}
    sound = rows[rows["_faults"] == ""]
    spelled = [
        sound[c].dt.strftime("%Y-%m-%d") if c == asked.table.placed_by else sound[c].astype("str") for c in shown
    ]
    keys = {
        int(row): " / ".join(part for part in parts if isinstance(part, str))
        for row, *parts in zip(sound["_row"], *spelled, strict=True)
    }
    return {row: key for row, key in keys.items() if len(key) <= _LONGEST_KEY}


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th,td{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}"
    ".stopped{background:#fde8e8;border-left:4px solid #b00020;padding:.5rem 1rem}"
    ".through{background:#e8f5e9;border-left:4px solid #2e7d32;padding:.5rem 1rem}"
)
