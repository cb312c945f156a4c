"""The alerts of the sample rule on the sample log, by SQL over the log's JSON and nothing of ours.

    python -m tests.samples.expected_alerts

writes `samples/expected/entra-signins.alerts.json` anew.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
LOG = ROOT / "samples" / "logs" / "entra-signins.ecs.ndjson"
RULE = ROOT / "samples" / "rules" / "entra_id_unusual_client.toml"
EXPECTED = ROOT / "samples" / "expected" / "entra-signins.alerts.json"

# Times are microseconds since the epoch. A field is the list of its values: an array as it is, or one
# value alone, which is null where the field is missing.
QUERY = """
CREATE MACRO field(doc, path) AS
    CASE WHEN json_type(doc, path) = 'ARRAY' THEN doc ->> (path || '[*]') ELSE [doc ->> path] END;
CREATE MACRO entra(doc, name) AS field(doc, '$.azure.signinlogs.properties.' || name);
CREATE TEMP TABLE base AS
SELECT
    doc ->> '$.event.id' AS id,
    epoch_us(coalesce(doc ->> '$.event.ingested', doc ->> '$."@timestamp"')::TIMESTAMPTZ) AS seen,
    entra(doc, 'user_principal_name') AS principals,
    entra(doc, 'app_id') AS apps
FROM (SELECT json AS doc FROM read_ndjson_objects($log))
WHERE list_contains(field(doc, '$.event.dataset'), 'azure.signinlogs')
  AND list_contains(field(doc, '$.event.category'), 'authentication')
  AND list_contains(entra(doc, 'is_interactive'), 'false')
  AND list_contains(entra(doc, 'user_type'), 'Member')
  AND NOT list_contains(entra(doc, 'client_app_used'), 'Browser')
  AND NOT list_contains(field(doc, '$.source.as.organization.name'), 'MICROSOFT-CORP-MSN-AS-BLOCK')
  AND NOT list_has_any(entra(doc, 'app_id'), $excluded);
"""
ALERTS = """
WITH term AS (
    SELECT id, seen, principal, unnest(apps) AS app
    FROM (SELECT id, seen, apps, unnest(principals) AS principal FROM base)
    WHERE principal IS NOT NULL),
run AS (
    SELECT unnest(generate_series((SELECT min(seen) // $step * $step FROM base),
                                  (SELECT max(seen) + $step + $lookback FROM base),
                                  $step)) AS finish),
first AS (
    SELECT finish, principal, app, min(seen) AS seen
    FROM run JOIN term ON seen BETWEEN finish - $history AND finish AND app IS NOT NULL
    GROUP BY finish, principal, app
    HAVING min(seen) > finish - $lookback)
SELECT finish, principal, app, seen, list_sort(list(DISTINCT id))
FROM first JOIN term USING (principal, app, seen)
GROUP BY finish, principal, app, seen
ORDER BY finish, principal, app
"""
MINUTE = 60_000_000
SCHEDULE = {"step": 5 * MINUTE, "lookback": 9 * MINUTE, "history": 14 * 24 * 60 * MINUTE}


Alert = tuple[int, str, str, int, list[str]]
"""Run end, principal, application, time of the event, ids of the events at that time."""


def excluded_applications() -> list[str]:
    """Return the ids that the rule leaves out."""
    return re.findall(r'"([0-9a-f-]{36})"', RULE.read_text("utf-8").partition("app_id: (")[2])


def alerts_of(
    query: str = QUERY,
    alerts: str = ALERTS,
    schedule: dict[str, int] = SCHEDULE,
    excluded: list[str] | None = None,
) -> list[Alert]:
    """Run the SQL, or a changed copy of it."""
    given = {"log": str(LOG), "excluded": excluded or excluded_applications()}
    with duckdb.connect() as connection:
        for statement in query.split(";\n"):
            named = {name: value for name, value in given.items() if f"${name}" in statement}
            connection.execute(statement, named)
        found: list[Alert] = connection.execute(alerts, schedule).fetchall()
    return found


def expected_alerts() -> list[dict[str, object]]:
    """Derive every alert of every run from the log."""
    return [
        {"run_end": _instant(finish), "term": [principal, app], "time": _instant(seen), "ids": ids}
        for finish, principal, app, seen, ids in alerts_of()
    ]


def expected_text() -> str:
    """Return the expected alerts as the file has them, one on a line."""
    lines = ",\n".join(json.dumps(alert) for alert in expected_alerts())
    return f"[\n{lines}\n]\n"


def _instant(microseconds: int) -> str:
    time = datetime(1970, 1, 1) + timedelta(microseconds=microseconds)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


if __name__ == "__main__":
    EXPECTED.write_text(expected_text(), "utf-8", newline="\n")
