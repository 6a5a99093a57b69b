"""Ranker folders: verified when read, named after what they hold, tabulated once."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from matcher.catalog import open_catalog
from matcher.learn.artefact import RankerStore
from matcher.learn.prior import fit_prior
from matcher.registry import (
    OtherFeaturesError,
    ServedRanker,
    UnsignedError,
    open_ranker,
    open_scores,
    scores_path,
    tabulate_scores,
)
from matcher.signature import public_key, signed
from models.domain.errors import TamperedError
from tests.support.catalogs import write_catalog
from tests.support.keys import RANKER_KEY, RANKER_SEED


@pytest.fixture
def folder(ranker_path: Path, tmp_path: Path) -> Path:
    """A ranker's folder that a test may spoil."""
    return Path(shutil.copytree(ranker_path, tmp_path / "ranker" / ranker_path.name))


@pytest.fixture
def ranker(folder: Path) -> ServedRanker:
    return open_ranker(folder, RANKER_KEY)


def test_a_ranker_says_where_it_comes_from(ranker: ServedRanker, folder: Path) -> None:
    assert ranker.provenance == "prior"
    assert ranker.version == folder.name


@pytest.mark.parametrize("name", ["value.npy", "card.json", "card.md", "estimator.skops"])
def test_a_changed_byte_is_found(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(TamperedError, match=name):
        open_ranker(folder, RANKER_KEY)


def test_a_ranker_that_was_not_signed_here_is_refused(folder: Path) -> None:
    """Whoever can write the store, but not sign, cannot make a ranker serve."""
    with pytest.raises(UnsignedError, match="RANKER_KEY"):
        open_ranker(folder, public_key(b"another key of thirty-two bytes."))
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    card = folder / "card.json"
    card.write_text(card.read_text().replace('"passed": false', '"passed": true') + " ")
    manifest["files"]["card.json"] = hashlib.sha256(card.read_bytes()).hexdigest()
    for forged in (
        manifest,
        {**manifest, "signature": "not base64!"},
        {name: value for name, value in manifest.items() if name != "signature"},
    ):
        file.write_text(json.dumps(forged))
        with pytest.raises(UnsignedError, match="RANKER_KEY"):
            open_ranker(folder, RANKER_KEY)


@pytest.mark.slow
def test_a_ranker_of_another_key_is_written_anew(tmp_path: Path, folder: Path) -> None:
    version = fit_prior(RankerStore(tmp_path, b"another key of thirty-two bytes."), None, _silent)
    assert version == folder.name
    with pytest.raises(UnsignedError):
        open_ranker(folder, RANKER_KEY)
    fit_prior(RankerStore(tmp_path, RANKER_SEED), None, _silent)
    assert open_ranker(folder, RANKER_KEY).version == version
    assert [path.name for path in folder.parent.iterdir()] == [version]


def _silent(_: str) -> None:
    return None


def test_a_renamed_ranker_is_found(folder: Path) -> None:
    other = folder.rename(folder.with_name("0123456789abcdef"))
    with pytest.raises(TamperedError, match="name"):
        open_ranker(other, RANKER_KEY)


def test_a_ranker_of_other_features_says_what_to_do(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "features": "others"}))
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256((folder / "card.json").read_bytes()).hexdigest()
    manifest["files"]["card.json"] = digest
    (folder / "manifest.json").write_text(json.dumps(signed(manifest, RANKER_SEED)))
    with pytest.raises(OtherFeaturesError, match="fit-prior"):
        open_ranker(folder, RANKER_KEY)


def test_a_folder_that_is_not_whole_is_not_a_ranker(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(FileNotFoundError):
        open_ranker(folder, RANKER_KEY)


def test_scores_are_made_once_and_verified(ranker: ServedRanker, tmp_path: Path) -> None:
    catalog = open_catalog(write_catalog(tmp_path))
    path = scores_path(catalog, ranker)
    assert not path.exists()
    scores = open_scores(catalog, ranker)
    made = (path / "program.npy").stat().st_mtime_ns
    assert len(scores.combination) == len(catalog.school)
    assert scores.program.shape == (24, scores.combination.max() + 1)
    assert tabulate_scores(catalog, ranker) == path
    assert (path / "program.npy").stat().st_mtime_ns == made
    data = bytearray((path / "cross.npy").read_bytes())
    data[-1] ^= 1
    (path / "cross.npy").write_bytes(data)
    with pytest.raises(TamperedError):
        open_scores(catalog, ranker)


def test_a_half_written_table_is_made_again(ranker: ServedRanker, tmp_path: Path) -> None:
    catalog = open_catalog(write_catalog(tmp_path))
    path = scores_path(catalog, ranker)
    path.mkdir(parents=True)
    (path / "program.npy").write_bytes(b"half")
    assert len(open_scores(catalog, ranker).combination) == len(catalog.school)


def test_fitting_tells_what_it_does_and_tabulates_the_catalog(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path)
    told: list[str] = []
    version = fit_prior(RankerStore(tmp_path, RANKER_SEED), catalog, told.append)
    assert (tmp_path / "scores" / f"{catalog.name}-{version}" / "manifest.json").exists()
    assert len(told) == 2
