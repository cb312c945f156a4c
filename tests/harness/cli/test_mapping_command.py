"""`mapping check` and `mapping show` as a person would use them."""

from __future__ import annotations

from pathlib import Path

from converter.mapping import packs
from tests.corpus import shared
from tests.harness.cli.conftest import Invoke

PACK = Path(__file__).parents[3] / "sigma" / "pipelines" / "entra_signin" / "mapping.yml"


def test_all_packs_are_checked_by_default(invoke: Invoke) -> None:
    done = invoke("mapping", "check")
    assert done.code == 0, done.out
    for pack in packs():
        assert f"{pack.name} {pack.version}: ok; {len(pack.fields)} fields" in done.out


def test_with_pairs_the_hits_of_every_field_are_printed(invoke: Invoke) -> None:
    done = invoke("mapping", "check", "entra_signin", "--pairs", shared("data/paired"))
    assert done.code == 0, done.out
    assert "63 paired events" in done.out
    assert "azure.signinlogs.properties.app_id: 62 of 62" in done.out
    assert "lossless: 2427 of 2432 (99.8%)" in done.out


def test_a_wrong_pack_file_exits_1_and_names_the_field(invoke: Invoke, tmp_path: Path) -> None:
    text = PACK.read_text(encoding="utf-8")
    path = tmp_path / "mine.yml"
    path.write_text(text.replace("sigma: AppId,", "sigma: AppId, column: ResourceIdentity,"))
    done = invoke("mapping", "check", path, "--pairs", shared("data/paired"), "-q")
    assert done.code == 1
    assert "FAILED row of azure.signinlogs.properties.app_id" in done.out


def test_a_pack_file_that_cannot_be_read_exits_1_and_names_the_key(
    invoke: Invoke, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yml"
    path.write_text("pack: mine\n")
    done = invoke("mapping", "check", path)
    assert done.code == 1
    assert f"FAILED {tmp_path.name}/mine.yml:" in done.out


def test_an_unknown_pack_exits_2_and_names_the_packs(invoke: Invoke) -> None:
    done = invoke("mapping", "check", "nowhere")
    assert done.code == 2
    assert "nowhere: no such mapping pack or file; packs are " in done.err


def test_pairs_without_the_folder_of_the_pack_exit_2(invoke: Invoke, tmp_path: Path) -> None:
    done = invoke("mapping", "check", "entra_signin", "--pairs", tmp_path)
    assert done.code == 2
    assert "raw.ndjson: no such file" in done.err


def test_show_prints_every_field_under_all_its_names(invoke: Invoke) -> None:
    done = invoke("mapping", "show", "entra_signin")
    assert done.code == 0
    assert "Sigma log source product azure, service signinlogs" in done.out
    row = next(line for line in done.out.splitlines() if "UserPrincipalName" in line)
    assert "UserPrincipalName (SigninLogs," in row
    assert "lossless" in row


def test_show_prints_other_names_and_what_is_assumed_of_them(invoke: Invoke) -> None:
    done = invoke("mapping", "show", "entra_signin")
    rows = {line.split("│")[1].strip(): line for line in done.out.splitlines() if "│" in line}
    assert "another name" in rows["userAgent"]
    assert "another name" not in rows["UserAgent"]
    assert "another name; the event has" in rows["Status"]
