"""The programs of docs/python.md and of this package's README."""

import pathlib
import re
import runpy
import shutil
import sys

import pytest

import tessera
from conftest import SAMPLES

ROOT = SAMPLES.parent
PAGE = (ROOT / "docs" / "python.md").read_text("utf-8")
README = (ROOT / "Python" / "README.md").read_text("utf-8")


def programs(page):
    return re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@pytest.fixture()
def folder(photos, tmp_path, monkeypatch):
    """A folder with photographs in photos, in which programs run."""
    shutil.copytree(photos, tmp_path / "photos")
    shutil.copytree(tessera.PIPELINES, tmp_path / "Pipelines")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_programs_of_the_pages(folder, capsys):
    """Each by itself, one after the other, as they stand."""
    found = [(page, text) for page in (README, PAGE) for text in programs(page)
             if "torch" not in text]
    assert len(found) == 6
    for page, text in found:
        exec(compile(text, "a program of the page", "exec"), {})
    told = capsys.readouterr().out
    assert "6 images in" in told and "did you mean" in told and "6 of 6" in told


def test_training(folder, monkeypatch, capsys):
    pytest.importorskip("torch")
    example = ROOT / "docs" / "examples" / "training.py"
    assert example.read_text("utf-8") in programs(PAGE)
    monkeypatch.setattr(sys, "argv", ["training.py", "photos", "tokens"])
    runpy.run_path(str(example), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"epoch {number}" for number in range(5)]
    losses = [float(line.split()[-1]) for line in lines]
    assert all(0 < loss < 100 for loss in losses) and losses[-1] != losses[0]
