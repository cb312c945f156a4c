from __future__ import annotations

from pathlib import Path

import pytest
from sigma.plugins import InstalledSigmaPlugins
from sigma.processing.pipeline import ProcessingPipeline

from converter.mapping import MappingPack, packs
from sigma.sigmaproof.pack_plugins import pack_plugins

PIPELINES = Path(__file__).parents[2] / "sigma" / "pipelines"
TABLE_PACKS = [pack for pack in packs() if pack.tables]


def platform_of(pack: MappingPack) -> str:
    return "sentinel" if pack.whole_choices("sentinel") else "xdr"


@pytest.mark.parametrize("pack", TABLE_PACKS, ids=lambda pack: pack.name)
def test_pysigma_finds_both_pipelines_of_a_pack(pack: MappingPack) -> None:
    name = pack.name
    found = InstalledSigmaPlugins.autodiscover(include_backends=False, include_validators=False)
    for kind in ("ecs", platform_of(pack)):
        build = found.pipelines[f"{name}_{kind}"]
        pipeline = build() if callable(build) else build
        assert isinstance(pipeline, ProcessingPipeline)
        assert f"pack {name} " in (pipeline.name or "")


@pytest.mark.parametrize("pack", TABLE_PACKS, ids=lambda pack: pack.name)
def test_the_python_of_a_pack_only_names_its_pipelines(pack: MappingPack) -> None:
    name = pack.name
    text = (PIPELINES / name / "__init__.py").read_text(encoding="utf-8")
    code = [line for line in text.splitlines()[1:] if line and not line.startswith("#")]
    platform = platform_of(pack)
    more = "" if platform == "sentinel" else f', "{platform}"'
    assert code == [
        "from sigma.sigmaproof.pack_plugins import pack_plugins",
        f'__all__ = ["{name}_ecs", "{name}_{platform}"]',
        f"{name}_ecs, {name}_{platform} = pack_plugins(__file__{more})",
    ]


def test_a_pack_is_read_once_a_pipeline_is_built_not_when_it_is_imported(tmp_path: Path) -> None:
    to_ecs, _ = pack_plugins(str(tmp_path / "__init__.py"))
    with pytest.raises(FileNotFoundError):
        to_ecs()
