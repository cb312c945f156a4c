"""What is lost of each rule in Kibana's language is what the readers of the corpus found, or why not."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping

from converter.elastic import read_rules
from converter.errors import Unsupported
from converter.importers import import_rule
from harness.conversion import announced_status
from harness.verdict import Status
from tests.corpus import shared

OTHERWISE: Mapping[str, tuple[Status, str]] = {
    "command_and_control_new_terms_commonly_abused_rmm.toml": (
        Status.NARROWED,
        "a sub-field in lower case holds letters outside of ASCII for i and k, in too many values to list",
    ),
    "credential_access_entra_id_excessive_account_lockouts.toml": (
        Status.LOSSLESS,
        "our section beside the correlation says the second count",
    ),
    **dict.fromkeys(
        (
            "initial_access_entra_id_external_guest_user_invite.toml",
            "initial_access_entra_id_temporary_access_pass_created.toml",
            "initial_access_entra_id_user_reported_risk.toml",
            "persistence_entra_id_global_administrator_role_assigned.toml",
            "persistence_entra_id_guest_account_promoted_to_member.toml",
            "persistence_entra_id_pim_user_added_global_admin.toml",
        ),
        (
            Status.NARROWED,
            "the first elements of an array are named instead of dropping the condition",
        ),
    ),
}
"""Rules whose status is another one than `expected.csv` says, and why; the reader would drop what is widened."""


def test_the_status_of_every_rule_is_the_expected_one() -> None:
    counts: Counter[Status] = Counter()
    differing = {}
    for name, classification, text in _rules():
        (rule,) = read_rules(text, name)
        status = announced_status(import_rule(rule).diagnostics) or Status.LOSSLESS
        counts[status] += 1
        if (status is Status.LOSSLESS) is not (classification == "exact") or name in OTHERWISE:
            differing[name] = status
    assert differing == {name: status for name, (status, _) in OTHERWISE.items()}
    assert counts == {
        Status.LOSSLESS: 536,
        Status.APPROXIMATE: 35,
        Status.NARROWED: 7,
        Status.WIDENED: 1,
    }


def _rules() -> list[tuple[str, str, str]]:
    """Return name, classification and text of every rule in Kibana's language."""
    folder = shared("corpus/elastic")
    with (folder / "expected.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        (
            row["path"].rpartition("/")[2],
            row["classification"],
            (folder / row["path"]).read_text("utf-8"),
        )
        for row in rows
        if row["type"] in ("query", "new_terms", "threshold") and row["language"] == "kuery"
    ]


def test_rules_without_a_condition_of_their_own_are_refused_with_the_reason() -> None:
    reasons: Counter[str] = Counter()
    folder = shared("corpus/elastic")
    with (folder / "expected.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["type"] in REFUSED]
    for row in rows:
        try:
            read_rules((folder / row["path"]).read_text("utf-8"), "rule.toml")
        except Unsupported as refused:
            reasons[row["type"]] += REFUSED[row["type"]] in str(refused)
    assert reasons == {"machine_learning": 87, "threat_match": 6}


REFUSED = {
    "machine_learning": "its condition is a trained model",
    "threat_match": "Sigma has no lists of indicators",
}
