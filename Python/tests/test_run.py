"""tessera.run and tessera.explain."""

import io
import json
import pickle
import signal
import subprocess
import sys
import threading
import time
import types

import pytest

import tessera
from conftest import CROP, IMAGES, SAMPLES, UNFOLD, pipeline
from tessera._progress import _Line, display_for, progress_of


def test_run_of_a_file(tmp_path):
    report = tessera.run(tessera.PIPELINES / "blur.json", input=SAMPLES, output=tmp_path / "out")
    assert report.counts.ok == report.counts.total == len(report.records) == IMAGES
    assert report.status == 0 and report.failures == () and report.errors == ()
    assert report.path == tmp_path / "out" / "report.jsonl"
    assert sorted(report.outputs) == sorted((tmp_path / "out").glob("*.png"))
    first = report.records[0]
    assert (first.source, first.status, first.error) == ("astronaut.jpg", "ok", None)
    assert first.outputs[0].shape == (3, 349, 331) and first.outputs[0].dtype == "uint8"
    assert first.outputs[0].path.stat().st_size == first.outputs[0].bytes
    assert report.seconds > 0 and [one.stage for one in report.stages][0] == "load"
    again = tessera.run(tessera.PIPELINES / "blur.json", input=SAMPLES, output=tmp_path / "out")
    assert again.counts.skipped == IMAGES and again.outputs == report.outputs


def test_run_of_a_dict_with_overrides(tmp_path):
    stages = pipeline(UNFOLD, format="safetensors")
    report = tessera.run(
        stages, input=SAMPLES / "astronaut.jpg", output=tmp_path / "small",
        overrides={"stages[1].kernel_size": [32, 32], "stride": 32, "format": "npy"}, jobs=1)
    assert [path.name for path in report.outputs] == ["astronaut.npy"]
    assert report.records[0].row["blocks"] == (349 // 32) * (331 // 32)
    with pytest.raises(tessera.PipelineError, match="kernel_sze"):
        tessera.run(stages, input=SAMPLES, output=tmp_path / "x", overrides={"kernel_sze": 3})


def test_relative_paths_of_a_dict_start_at_its_folder(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes((SAMPLES / "astronaut.jpg").read_bytes())
    stages = pipeline(CROP, path="out")
    stages["stages"][0]["path"] = "in"
    report = tessera.run(stages, folder=tmp_path)
    assert report.outputs == (tmp_path / "out" / "a.png",)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]
    monkeypatch.chdir(tmp_path)
    assert tessera.run(stages).counts.skipped == 1


def test_many_inputs_and_one_output_file(tmp_path):
    files = [SAMPLES / "astronaut.jpg", str(SAMPLES / "chelsea-rgb.png")]
    report = tessera.run(pipeline(CROP), input=files, output=tmp_path / "out")
    assert [path.name for path in report.outputs] == ["astronaut.png", "chelsea-rgb.png"]
    one = tessera.run(
        pipeline(CROP), input=files[0], output=tmp_path / "one.png", state=tmp_path / "state")
    assert one.outputs == one.files == (tmp_path / "one.png",)
    assert one.records[0].outputs[0].path == tmp_path / "one.png"


def test_mistakes_have_places(tmp_path):
    stages = pipeline({"stage": "unfold", "kernel_sze": 3})
    with pytest.raises(tessera.PipelineError) as raised:
        tessera.run(stages, input=SAMPLES, output=tmp_path)
    error = raised.value
    problem = next(one for one in error.errors if one.key == "stages[1].kernel_sze")
    assert error.status == 78 and problem.kind == "pipeline" and problem.file == "<pipeline>"
    line = error.document.splitlines()[problem.line - 1]
    assert line[problem.column - 1:].startswith('"kernel_sze"')
    assert f"<pipeline>:{problem.line}:{problem.column}: " in str(error)
    assert ".tessera-" not in str(error)
    file = tmp_path / "bad.json"
    file.write_text('{"version": 1,\n "stages": [{"stage": "lod"}]}')
    with pytest.raises(tessera.PipelineError) as raised:
        tessera.run(file, input=SAMPLES, output=tmp_path / "out")
    assert (str(file), 2) in {(one.file, one.line) for one in raised.value.errors}
    assert raised.value.document is None
    copied = pickle.loads(pickle.dumps(raised.value))
    assert type(copied) is tessera.PipelineError and copied.errors == raised.value.errors


def test_nothing_to_do(tmp_path):
    with pytest.raises(tessera.NothingToDoError) as raised:
        tessera.run(pipeline(CROP), input=tmp_path / "none", output=tmp_path / "out")
    assert raised.value.status == 66 and "none" in str(raised.value)


def test_usage(tmp_path):
    with pytest.raises(tessera.UsageError) as raised:
        tessera.run(pipeline(CROP), input=SAMPLES, output=tmp_path, jobs=-1)
    assert raised.value.status == 64


def test_failed_inputs(tmp_path):
    (tmp_path / "in").mkdir()
    whole = (SAMPLES / "astronaut.jpg").read_bytes()
    (tmp_path / "in" / "whole.jpg").write_bytes(whole)
    (tmp_path / "in" / "cut.jpg").write_bytes(whole[:len(whole) // 2])
    report = tessera.run(pipeline(CROP), input=tmp_path / "in", output=tmp_path / "out")
    assert report.status == 65 and (report.counts.ok, report.counts.failed) == (1, 1)
    assert report.failures[0].kind == "truncated"
    assert report.failures[0].examples[0].source == "cut.jpg"
    failed, done = report.records
    assert failed.status == "failed" and failed.error.kind == "truncated" and not failed.outputs
    assert done.status == "ok"
    with pytest.raises(tessera.InputsFailed) as raised:
        tessera.run(pipeline(CROP), input=tmp_path / "in", output=tmp_path / "out", check=True)
    assert raised.value.report.counts.failed == 1 and "cut.jpg" in str(raised.value)


def test_existing_files_stay(tmp_path):
    (tmp_path / "astronaut.png").write_text("somebody's")
    arguments = {"input": SAMPLES / "astronaut.jpg", "output": tmp_path}
    report = tessera.run(pipeline(CROP), **arguments)
    assert report.failures[0].kind == "exists"
    assert (tmp_path / "astronaut.png").read_text() == "somebody's"
    assert tessera.run(pipeline(CROP), overwrite=True, **arguments).counts.ok == 1
    assert (tmp_path / "astronaut.png").read_bytes().startswith(b"\x89PNG")


PROGRAM = """
import signal, tessera
# Where the tests run in the background of a shell, it is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    tessera.run({stages!r}, input={input!r}, output={output!r}, jobs=1)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_keyboard_interrupt_ends_the_command(tmp_path):
    """What is done by then is done, no command is left, and the same call goes on."""
    photos = tmp_path / "in"
    photos.mkdir()
    for number in range(300):
        (photos / f"{number:03}.jpg").write_bytes((SAMPLES / "astronaut.jpg").read_bytes())
    stages = pipeline({"stage": "median", "kernel_size": 9})
    out = tmp_path / "out"
    program = subprocess.Popen(
        [sys.executable, "-c",
         PROGRAM.format(stages=stages, input=str(photos), output=str(out))],
        stdout=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while len(list(out.glob("*.png"))) < 3 and time.monotonic() < limit:
        time.sleep(0.02)
    program.send_signal(signal.SIGINT)
    told, _ = program.communicate(timeout=60)
    assert told == "interrupted\n" and program.returncode == 0
    rows = [json.loads(line) for line in (out / "report.jsonl").read_text().splitlines()]
    done = sum(row["status"] == "ok" for row in rows)
    assert 3 <= done < 300 and len(rows) == 300
    report = tessera.run(stages, input=photos, output=out)
    assert report.counts.skipped == done and report.counts.ok == 300 - done


def test_explain():
    told = tessera.explain(tessera.PIPELINES / "clip_dataset.json", size=(640, 480))
    assert [stage.name for stage in told.stages] == ["load", "preset", "encode"]
    load, preset, encode = told.stages
    assert load.flow == tessera.Flow((3, 480, 640), "uint8", (0, 255)) and load.file is None
    assert preset.flow.shape == (3072, 49) and preset.flow.grid == (7, 7)
    assert preset.flow.dtype == "float32" and preset.memory_bytes > 0
    assert [step.name for step in preset.steps] == ["resize", "crop", "normalize", "unfold"]
    assert preset.steps[1].flow.shape == (3, 224, 224)
    assert json.loads(preset.steps[1].text) == {"stage": "crop", "size": [224, 224]}
    assert encode.file is not None and encode.file.shape == (49, 3072) and encode.files == 1
    assert encode.manner.startswith("npy, ")
    assert told.blocks == 49 and "cropped_resize" in told.rewrites
    assert told.memory_bytes >= max(stage.memory_bytes for stage in told.stages)
    gray = tessera.explain(
        pipeline(UNFOLD, {"stage": "fold"}), size="64x32x1", overrides={"stride": 8})
    assert gray.blocks == 3 * 7 and gray.stages[1].flow.grid == (3, 7)
    image = tessera.explain(pipeline(CROP), image=SAMPLES / "astronaut.jpg")
    assert image.stages[0].flow.shape == (3, 349, 331)


def test_explain_tells_mistakes():
    with pytest.raises(tessera.PipelineError) as raised:
        tessera.explain(pipeline({"stage": "unfold", "kernel_sze": 3}), size="3x4")
    problem = next(one for one in raised.value.errors if "kernel_sze" in one.message)
    line = raised.value.document.splitlines()[problem.line - 1]
    assert problem.file == "<pipeline>" and raised.value.status == 78
    assert line[problem.column - 1:].startswith('"kernel_sze"')
    with pytest.raises(ValueError):
        tessera.explain(pipeline(CROP), size="3x4", image=SAMPLES)


LINE = ('{"event":"progress","done":3,"failed":1,"skipped":2,"total":12,"seconds":1.5,'
        '"images_per_second":2.0,"remaining_seconds":3.0}\n')


def test_lines_of_progress():
    progress = progress_of(LINE)
    assert progress == tessera.Progress(3, 1, 2, 12, 1.5, 2.0, 3.0) and progress.ended == 6
    for other in ["error: no\n", "{", "{}\n", '{"event":"other"}\n', "[1]\n"]:
        assert progress_of(other) is None
    stream = io.StringIO()
    line = _Line(stream)
    line.show(progress)
    line.end()
    assert stream.getvalue() == "\r6 of 12 images, 1 failed, 3 s left\n"
    seen = []
    display_for(seen.append).show(progress)
    assert seen == [progress] and display_for(None) is None


def test_progress_of_a_run(tmp_path):
    seen = []
    report = tessera.run(
        pipeline(CROP), input=SAMPLES, output=tmp_path / "out", progress=seen.append)
    assert seen and seen[-1].ended == seen[-1].total == report.counts.total == IMAGES
    assert seen[-1].done == IMAGES and seen[-1].images_per_second > 0 and seen[0].seconds > 0
    again = tessera.run(
        pipeline(CROP), input=SAMPLES, output=tmp_path / "out", progress=seen.append)
    assert seen[-1].skipped == again.counts.skipped == IMAGES and seen[-1].done == 0
    with pytest.raises(ZeroDivisionError):
        tessera.run(pipeline(CROP), input=SAMPLES, output=tmp_path / "other",
                    progress=lambda progress: 1 // 0)
    with pytest.raises(tessera.PipelineError, match="nope"):
        tessera.run(pipeline({"stage": "nope"}), input=SAMPLES, progress=seen.append)


def test_progress_on_standard_error(tmp_path, capsys, monkeypatch):
    """A line where there is no tqdm, and its bar where there is."""
    for name, module in [("line", None), ("bar", types.SimpleNamespace(tqdm=Bar))]:
        monkeypatch.setitem(sys.modules, "tqdm.auto", module)
        tessera.run(pipeline(CROP), input=SAMPLES, output=tmp_path / name, progress=True)
    said = capsys.readouterr().err
    assert f"\r{IMAGES} of {IMAGES} images" in said and said.endswith("\n")
    bar, = Bar.made
    assert (bar.total, bar.n, bar.is_closed) == (IMAGES, IMAGES, True)


class Bar:
    """As much of tqdm as is used."""

    made = []

    def __init__(self, total, unit):
        self.total, self.n, self.is_closed = total, 0, False
        self.made.append(self)

    def update(self, count):
        self.n += count

    def set_postfix(self, **values):
        pass

    def close(self):
        self.is_closed = True


def test_command_line():
    for line in [[sys.executable, "-m", "tessera"], [sys.prefix + "/bin/tessera"]]:
        told = subprocess.run([*line, "--version"], stdout=subprocess.PIPE, text=True, check=True)
        assert told.stdout.strip() == tessera.__version__
        assert subprocess.run([*line, "nothing"], stderr=subprocess.DEVNULL).returncode == 64


def test_runs_in_threads(tmp_path):
    reports = {}

    def work(number):
        reports[number] = tessera.run(
            pipeline(CROP), input=SAMPLES, output=tmp_path / str(number), jobs=1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: report.counts.ok for number, report in reports.items()} == dict.fromkeys(
        range(3), IMAGES)
