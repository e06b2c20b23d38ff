"""Runs notebooks in a fresh kernel and compares what they show with what is
committed, cell by cell.

    run.py [--update] [--build FOLDER] NOTEBOOK ...

Exit status: 0 the same; 1 not, with a diff; 77 no Jupyter here. --update
writes what differs instead, and nothing else; not if a cell fails. What no
two machines share is replaced on both sides: ports, addresses, temporary
folders; there are no execution counts. Pictures are compared as what they
are: SVG and text.
"""
import argparse
import base64
import difflib
import json
import os
import re
import sys
import tempfile
import warnings
from pathlib import Path

try:
    import ipykernel  # noqa: F401: nbclient needs it and says so late
    import nbclient
    import nbformat
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)
if sys.version_info[:2] != (3, 11):
    print("skipped: the committed outputs are Python 3.11's, and another "
          "asyncio takes a step more or less")
    sys.exit(77)

ROOT = Path(__file__).resolve().parents[2]
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python",
          "name": "python3"}
SAME = [(re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
        (re.compile(r"0x[0-9a-f]{6,}"), "0xADDRESS"),
        (re.compile(r"(/[\w.-]+)+/awaitlab-\w+"), "FOLDER"),
        (re.compile(re.escape(str(ROOT)) + r"(?=/|\b)"), "awaitlab")]
DIFF_LINES = 60           # of one cell
PRIVATE = [(re.compile(r"(?<![\w.])/(tmp|home|root|Users|var|build)/"),
            "a path of this machine"),
           (re.compile(r"\b\d{4}-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b"),
            "a date or a time of day"),
           (re.compile(r"127\.0\.0\.1:\d|0x[0-9a-f]{6}"),
            "a port or an address")]
SVG = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")


def normal_text(text):
    text = "".join(text) if isinstance(text, list) else text
    for pattern, word in SAME:
        text = pattern.sub(word, text)
    return text


def normal_output(output):
    output = json.loads(json.dumps(output))
    output.pop("execution_count", None)
    if output["output_type"] == "stream":
        output["text"] = normal_text(output["text"])
    elif output["output_type"] == "error":
        output["evalue"] = normal_text(output["evalue"])
        output["traceback"] = [normal_text(t) for t in output["traceback"]]
    else:
        output["data"] = {kind: normal_text(value)
                          for kind, value in output["data"].items()}
        output["metadata"] = {}
        if output["output_type"] == "execute_result":
            output["execution_count"] = None
    return output


def normal_outputs(outputs):
    """Neighbouring pieces of one stream are one: where it is cut is chance."""
    normal = []
    for output in outputs:
        if (normal and output["output_type"] == "stream"
                and normal[-1]["output_type"] == "stream"
                and normal[-1]["name"] == output["name"]):
            text = normal[-1]["text"], output["text"]
            normal[-1]["text"] = "".join("".join(t) for t in text)
        else:
            normal.append(json.loads(json.dumps(output)))
    return [normal_output(output) for output in normal]


def lines_of(outputs, pictures):
    """Outputs as lines to read and to compare: their words, or what they
    draw."""
    lines = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            lines.append(f"[{output['name']}]")
            lines += output["text"].splitlines()
        elif kind == "error":
            lines.append(f"[error] {output['ename']}: {output['evalue']}")
            lines += "\n".join(output["traceback"]).splitlines()
        else:
            lines.append(f"[{' '.join(sorted(output['data']))}]")
            lines += output["data"].get("text/plain", "").splitlines()
        for value in output.get("data", {}).values() if pictures else ():
            for svg in SVG.findall(value):
                lines += base64.b64decode(svg).decode().splitlines()
            lines += SVG.sub("SVG", value).splitlines()
    return lines


def print_difference(before, after):
    """The words; what is drawn only if those are the same. Not pages of it."""
    for pictures in False, True:
        lines = list(difflib.unified_diff(
            lines_of(before, pictures), lines_of(after, pictures),
            "committed", "now", lineterm="", n=2))
        for line in lines[:DIFF_LINES]:
            print("   ", line)
        if len(lines) > DIFF_LINES:
            print(f"    ... and {len(lines) - DIFF_LINES} lines more")
        if lines:
            return


def execute(path):
    """The notebook with fresh outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=True,
        resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    return notebook


def fails(cell):
    """Does it end with an exception that it is not there to show?"""
    return ("raises-exception" not in cell["metadata"].get("tags", ())
            and any(output["output_type"] == "error"
                    for output in cell.get("outputs", ())))


def compare(path, old, new, only_failed=False):
    """Prints what differs; True if nothing does."""
    same = True
    for before, after in zip(old["cells"], new["cells"]):
        if before["cell_type"] != "code":
            continue
        expected = normal_outputs(before["outputs"])
        found = normal_outputs(after["outputs"])
        if not fails(after) and (only_failed or expected == found):
            continue
        same = False
        print(f"{path.name}, cell {before['id']}: "
              + ("fails" if fails(after) else "shows something else"))
        print_difference(expected, found)
    return same


def update(path, old, new):
    """Takes over outputs that differ; writes the file if anything does."""
    for before, after in zip(old["cells"], new["cells"]):
        before["metadata"].pop("execution", None)
        if before["cell_type"] != "code":
            continue
        before["execution_count"] = None
        outputs = normal_outputs(after["outputs"])
        if normal_outputs(before["outputs"]) != outputs:
            before["outputs"] = outputs
    old["metadata"] = {"kernelspec": KERNEL,
                       "language_info": {"name": "python"}}
    old["nbformat"], old["nbformat_minor"] = 4, 5
    text = nbformat.writes(nbformat.from_dict(old)) + "\n"
    if text == path.read_text():
        return
    path.write_text(text)
    print(f"{path.name}: updated")


def schema_problems(old):
    """nbformat mends some things on the way, and warns: that counts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            nbformat.validate(nbformat.from_dict(old))
    except Exception as error:
        return [f"is no good notebook: {str(error).splitlines()[0]}"]
    return []


def raw_texts(outputs):
    """All words of them, those in pictures too, as they stand there."""
    for output in outputs:
        yield "".join(output.get("text", ""))
        yield "\n".join(output.get("traceback", ""))
        for value in output.get("data", {}).values():
            yield SVG.sub("", "".join(value))
            for svg in SVG.findall("".join(value)):
                yield base64.b64decode(svg).decode()


def private_problems(cell):
    """What is another one on each machine, or in each run."""
    lines = "\n".join(raw_texts(cell["outputs"]))
    found = [what for pattern, what in PRIVATE if pattern.search(lines)]
    found += [f"{path}" for path in (str(ROOT), os.path.expanduser("~"))
              if len(path) > 1 and path in lines]
    real = re.search(r"^\d+ tasks?, \d+ steps?, (?!no time).* m?s$", lines,
                     re.M)
    if real and "story" not in "".join(cell["source"]).split("\n")[0]:
        found.append("a picture of real time")
    return found


def check_form(path, old):
    """What Jupyter forgives, and we do not."""
    problems = schema_problems(old)
    if (old["nbformat"], old["nbformat_minor"]) != (4, 5):
        problems.append("is not of format 4.5")
    if old["metadata"].get("kernelspec", {}).get("name") != "python3":
        problems.append("its kernel is not python3")
    ids = [cell.get("id", "") for cell in old["cells"]]
    for cell, name in zip(old["cells"], ids):
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
            problems.append(f"cell {name!r}: not a readable id")
        if ids.count(name) > 1:
            problems.append(f"cell {name!r}: not the only one of this name")
        if cell.get("execution_count") is not None:
            problems.append(f"cell {name!r}: has an execution count")
        if cell["cell_type"] == "code":
            problems += [f"cell {name!r}: its output has {what}"
                         for what in private_problems(cell)]
    for problem in sorted(set(problems)):
        print(f"{path.name}: {problem}")
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--build", help="the build folder that %%c uses")
    parser.add_argument("notebooks", nargs="+", type=Path)
    arguments = parser.parse_args()
    if arguments.build:
        os.environ["LAB_BUILD"] = str(Path(arguments.build).resolve())
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"   # no chatter
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder      # nobody's own start-up files
        return run_all(arguments)


def run_all(arguments):
    good = True
    for path in arguments.notebooks:
        old = json.loads(path.read_text())
        new = json.loads(nbformat.writes(execute(path)))
        if arguments.update and compare(path, old, new, only_failed=True):
            update(path, old, new)
        elif arguments.update:
            good = False
        else:
            good = check_form(path, old) and good
            good = compare(path, old, new) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
