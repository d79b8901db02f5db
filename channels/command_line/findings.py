"""What `driftsklar doctor` found, shown to people or as JSON."""

from channels.command_line.shown import show, table
from channels.records.doctor import DANISH, Finding
from channels.views.shapes.running import Examined, FindingLine


def show_findings(checks: list[Finding], as_json: bool) -> int:
    """Print what the doctor found; the exit code."""
    ok = all(check["ok"] for check in checks)
    rows = [
        check
        | {
            "mark": "ok" if check["ok"] else "FEJL",
            "what": DANISH.get(check["name"], check["name"]),
            "found": f"{check['detail']} {'→ ' + check['remedy'] if check['remedy'] else ''}".strip(),
        }
        for check in checks
    ]
    text = table(rows, {"mark": "", "what": "Hvad", "found": "Fundet"}, fold="found")
    show(Examined(ok=ok, checks=[FindingLine(**check) for check in checks]), as_json, text)
    return 0 if ok else 1
