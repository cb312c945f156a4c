"""The wheel, installed beside the stock backends, in plain and in editable mode."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
OURS = {"kuery", "sigmaproof_lucene", "sigmaproof_esql", "sigmaproof_kusto"}
STOCK = {"lucene", "eql", "esql", "kusto"}
PIPELINES = {"entra_signin_ecs", "entra_signin_sentinel", "kusto_ecs", "windows_ecs"}


def _run(*command: str | Path, cwd: Path = CHECKOUT) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of a new environment with sigma-cli in it and nothing of ours."""
    folder = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", folder)
    _run(folder / "bin/pip", "install", "--quiet", "sigma-cli", "hatchling", "editables")
    return folder / "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_leaves_the_namespace_of_pysigma_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shared = ["sigma/", "sigma/backends/", "sigma/pipelines/"]
    forbidden = {f"{folder}{name}" for folder in shared for name in ("__init__.py", "py.typed")}
    assert not forbidden & set(names)


def test_the_wheel_carries_data_and_samples(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "sigma/pipelines/entra_signin/mapping.yml",
        "sigma/pipelines/windows/mapping.yml",
        "sigma/sigmaproof/new_terms.schema.json",
        "harness/demo/logs/entra-signins.ecs.ndjson",
        "harness/demo/rules/entra_id_unusual_client.toml",
    ):
        assert needed in names


@pytest.mark.parametrize("mode", ["plain", "editable"])
def test_sigma_cli_finds_our_plugins_beside_the_stock_ones(
    environment: Path, wheel: Path, tmp_path: Path, mode: str
) -> None:
    pip = environment / "pip"
    if mode == "plain":
        _run(pip, "install", "--quiet", wheel)
    else:
        _run(pip, "install", "--quiet", "--no-build-isolation", "-e", CHECKOUT)
    try:
        targets = _run(environment / "sigma", "list", "targets", cwd=tmp_path)
        assert all(f"| {name} " in targets for name in OURS | STOCK), targets
        pipelines = _run(environment / "sigma", "list", "pipelines", cwd=tmp_path)
        assert all(name in pipelines for name in PIPELINES), pipelines
        assert "no_duplicates" not in pipelines
        _convert_with_sigma_cli(environment, tmp_path)
        assert "sentinel" in _run(environment / "sigmaproof", "targets", cwd=tmp_path)
    finally:
        _run(pip, "uninstall", "--quiet", "-y", "sigmaproof")
    marker = "import sigma.collection as c, pathlib; print(pathlib.Path(c.__file__).with_name('py.typed').exists())"
    assert _run(environment / "python", "-c", marker, cwd=tmp_path).strip() == "True"


def _convert_with_sigma_cli(environment: Path, folder: Path) -> None:
    """Convert the sample rule in its portable spelling with stock sigma-cli and our plugins."""
    portable = folder / "portable.yml"
    sample = CHECKOUT / "samples/rules/entra_id_unusual_client.toml"
    portable.write_text(
        _run(environment / "sigmaproof", "convert", sample, "--portable", cwd=folder)
    )
    for target, pipeline, expected in (
        ("sigmaproof_kusto", "entra_signin_sentinel", "summarize arg_min("),
        ("kuery", "entra_signin_ecs", "azure.signinlogs.properties.is_interactive: false"),
        ("sigmaproof_esql", "entra_signin_ecs", "STATS first_seen"),
        (
            "sigmaproof_lucene",
            "entra_signin_ecs",
            "azure.signinlogs.properties.is_interactive:false",
        ),
    ):
        text = _run(
            environment / "sigma", "convert", "-t", target, "-p", pipeline, portable, cwd=folder
        )
        assert expected in text
