from __future__ import annotations

from pathlib import Path

import chapters
import nbformat
import pytest

LIVE = {
    "data": {chapters.WIDGET: {"model_id": "x"}, "text/plain": "a view"},
    "metadata": {},
    "output_type": "display_data",
}


def stored(*cells: nbformat.NotebookNode, **metadata: object) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells), metadata=metadata)


def code(source: str = "1", count: int | None = 1, outputs=(), **metadata: object):
    return nbformat.v4.new_code_cell(
        source,
        execution_count=count,
        outputs=[nbformat.from_dict(output) for output in outputs],
        metadata=metadata,
    )


def test_executes_in_the_notebooks_own_folder_and_stores(write_notebook) -> None:
    path = write_notebook(
        ("import os, pathlib\nprint(pathlib.Path.cwd().name)", {}),
        ("pathlib.Path(os.environ['LECTURE_MODELS'], 'toy.json').write_text('{}')", {}),
        ("print('a')\nprint('b', flush=True)\nprint('c')", {}),
    )
    before = path.read_bytes()
    models = path.parent / "models"
    models.mkdir()
    run = chapters.execute(path, models=models)
    assert path.read_bytes() == before
    assert (models / "toy.json").is_file()
    outputs = [cell.outputs for cell in run.notebook.cells if cell.cell_type == "code"]
    assert outputs[0][0].text == "book\n"
    assert [output.text for output in outputs[2]] == ["a\nb\nc\n"]
    assert not list(chapters.faults(run.notebook))


def test_counts_the_cpu_seconds_of_each_cell_and_leaves_no_models(write_notebook) -> None:
    where = "import os\nprint(os.environ['LECTURE_MODELS'])"
    busy = "import time\nend = time.process_time() + 0.7\nwhile time.process_time() < end: pass"
    run = chapters.execute(write_notebook(("1", {}), (busy, {}), (where, {})))
    first, second, third = run.cells
    assert second >= 0.69  # the system counts in hundredths
    assert second > 2 * max(first, third)
    assert run.cpu_s >= sum(run.cells)
    folder = Path(run.notebook.cells[3].outputs[0].text.strip())
    assert folder.name
    assert not folder.exists()


def test_a_failing_cell_is_told_and_the_file_left(write_notebook, capsys) -> None:
    path = write_notebook(("1 / 0", {}))
    before = path.read_bytes()
    assert chapters.main([str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert path.read_bytes() == before


def test_tidy_takes_out_what_no_reader_sees() -> None:
    cell = code(outputs=[LIVE], execution={"iopub.execute_input": "2026"})
    notebook = stored(cell, widgets={"x": 1}, language_info={"name": "python", "version": "3.11.7"})
    chapters.tidy(notebook)
    assert not list(chapters.faults(notebook))
    assert notebook.metadata == {"language_info": {"name": "python"}}
    assert notebook.cells[0].outputs[0].data == {"text/plain": "a view"}


@pytest.mark.parametrize(
    ("cells", "metadata", "message"),
    [
        ([code(count=None)], {}, "cell 0: executed as None, not as 1"),
        ([code(), code(count=3)], {}, "cell 1: executed as 3, not as 2"),
        ([code(outputs=[LIVE])], {}, "cell 0: holds a live widget"),
        ([code(execution={"a": "b"})], {}, "cell 0: holds execution times"),
        ([code()], {"widgets": {}}, "holds widget state"),
        ([code()], {"language_info": {"name": "python", "version": "3"}}, "holds the version"),
        (
            [
                code(
                    outputs=[{"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}]
                )
            ],
            {},
            "cell 0: failed with E: v",
        ),
    ],
)
def test_faults_names_what_is_wrong(cells, metadata, message: str) -> None:
    (line,) = chapters.faults(stored(*cells, **metadata))
    assert line.startswith(message)


def test_faults_accepts_empty_cells_and_wanted_errors() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}
    cells = [code("", None), code(outputs=[error], tags=["raises-exception"]), code(count=2)]
    assert not list(chapters.faults(stored(*cells)))


def test_what_is_stored_is_as_jupyter_writes_it(write_notebook, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(chapters, "MODELS", tmp_path)
    path = write_notebook(("print('a')\nprint('b')", {}))
    assert chapters.main([str(path)]) == 0
    assert chapters.main(["--check", str(path)]) == 0
    first = path.read_text(encoding="utf-8")
    nbformat.write(nbformat.read(path, as_version=4), path)
    assert path.read_text(encoding="utf-8") == first
    assert '"a\\n",\n' in first
    assert chapters.main([str(path)]) == 0
    assert path.read_text(encoding="utf-8") == first


def test_check_says_which_notebook_is_not_executed(write_notebook, capsys) -> None:
    path = write_notebook(("1", {}))
    assert chapters.main(["--check", str(path)]) == 1
    assert "chapter.ipynb, cell 1: executed as None" in capsys.readouterr().out
