"""%%c and %%aio: cells in C and in asyncio, each with a picture of its run.

    %load_ext lab_magic

    %%c [--timeout 20] [--real] [--no-picture] [--fails] [--story] [more ...]
        compiles the cell with the build's own flags, runs it, shows what it
        prints while it prints it, then its timeline. What is not known here
        goes to the program: --only, --url ...
    %%aio [--timeout 20] [--real] [--no-picture] [--fails]
        runs the cell, which may await, on a fresh loop of asyncio, on a clock
        that jumps. URL is a server on that loop, like stage->url in C.
    %%story
        runs a Python cell and draws what it prints: "1 s  slow  connects".

--real takes the real clock; --fails: this cell is meant to fail; --story
draws the program's words. Nothing is built here but the cell.
"""
import ast
import base64
import codecs
import ctypes
import html
import inspect
import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

import recorder
import web

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TIMEOUT = 20              # seconds a cell may run
SHOWN = 200_000           # characters of output that are shown at most
BUILD_FIRST = "run  cmake --preset dev && cmake --build --preset dev  first"


class Failed(Exception):
    """A cell that failed: one line instead of a traceback."""

    def _render_traceback_(self):
        return [str(self)]


# --- The build ---------------------------------------------------------------

def find_build():
    """The first build folder that is complete: what tests/notebooks/
    CMakeLists.txt wrote down about it."""
    chosen = os.environ.get("LAB_BUILD")
    if chosen:
        folders = [Path(chosen)]
    else:
        first = [ROOT / "build" / name for name in ("dev", "asan", "demo")]
        folders = first + sorted((ROOT / "build").glob("*"))
    for folder in folders:
        try:
            build = json.loads((folder / "notebook.json").read_text())
        except (OSError, ValueError):
            continue
        build["folder"] = os.path.relpath(folder)
        if all(Path(f).exists() for f in build["libraries"] + [build["draw"]]):
            return build
    where = f"in {chosen} ($LAB_BUILD)" if chosen else "of the lab"
    raise Failed(f"there is no build {where}: {BUILD_FIRST}")


def compile_cell(build, code, folder):
    """folder/C from the cell's C. The first line is the magic's, so that
    line 2 of the cell is line 2 of what the compiler reads."""
    (folder / "cell.c").write_text(f'#line 2 "cell.c"\n{code.rstrip()}\n')
    command = [build["compiler"], *build["flags"], "-fdiagnostics-color=never",
               "-I", str(HERE), "-include", "lab.h", "-MMD", "cell.c",
               *build["libraries"], "-o", "C"]
    done = subprocess.run(command, cwd=folder, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL,
                          env={**os.environ, "LC_ALL": "C"})
    if done.stdout:
        print(done.stdout.rstrip(), file=sys.stderr, flush=True)
    if done.returncode != 0:
        raise Failed("the cell does not compile")
    check_age(build, folder)


def check_age(build, folder):
    """A library that was built with other headers than the cell would run,
    and do something else."""
    built = max(Path(f).stat().st_mtime_ns for f in build["libraries"])
    for depends in folder.glob("*.d"):
        for word in depends.read_text().replace("\\\n", " ").split():
            header = Path(word)
            if (header.suffix == ".h" and ROOT in header.parents
                    and HERE not in header.parents
                    and header.stat().st_mtime_ns > built):
                raise Failed(f"the build is older than {header.name}: "
                             f"run  cmake --build {build['folder']}  again")


# --- Running a program -------------------------------------------------------

class Output:
    """What a program prints, shown while it comes. A line that looks like
    the beginning of a timeline is held back, with all that follows: the last
    of them is the picture, if there is one at the end."""
    SUMMARY = re.compile(r"^\d+ tasks?, \d+ steps?, .+$", re.M)

    def __init__(self, picture):
        self.picture = picture
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.shown, self.lost = 0, 0
        self.held = ""          # not shown yet
        self.words = ""         # shown

    def show(self, text):
        room = max(0, SHOWN - self.shown)
        if text[:room]:
            self.words += text[:room]
            sys.stdout.write(text[:room])
            sys.stdout.flush()
        self.shown += len(text[:room])
        self.lost += len(text) - len(text[:room])

    def feed(self, data):
        text = self.decode(data)
        if not self.picture:
            self.show(text)
            return
        self.held += text
        starts = [m.start() for m in self.SUMMARY.finditer(self.held)]
        # An unfinished line may still become one.
        line = self.held.rfind("\n") + 1
        keep = starts[-1] if starts else len(self.held)
        if not starts and re.match(r"\d", self.held[line:]):
            keep = line
        self.show(self.held[:keep])
        self.held = self.held[keep:]

    def end(self, complete):
        """The picture's text, or None."""
        self.feed(self.decode(b"", True).encode())
        text = self.held
        if complete and self.picture and self.SUMMARY.match(text):
            self.held = ""
        else:
            self.show(text)
            text = None
        if self.lost:
            print(f"\n... and {self.lost} characters more", flush=True)
        return text


def open_pty():
    """A terminal, so that programs flush their lines; its output is not
    changed on the way."""
    ours, theirs = pty.openpty()
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    return ours, theirs


def over(pid):
    """Has it ended? It stays a zombie, so that its group's number cannot be
    somebody else's before we have signalled it."""
    return os.waitid(os.P_PID, pid,
                     os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def copy_output(process, ours, output, deadline):
    """Until it has ended and all it said is read; False: time was up."""
    while True:
        ended = over(process.pid)
        left = deadline - time.monotonic()
        if not ended and left <= 0:
            return False
        ready, _, _ = select.select([ours], [], [],
                                    0.05 if ended else min(left, 0.1))
        if ready:
            try:
                data = os.read(ours, 65536)
            except OSError:             # EIO: nobody has it open any more
                data = b""
            if data:
                output.feed(data)
                continue
            time.sleep(0.01)            # closed, and not ended yet
        if ended:
            return True


def run_program(command, output, timeout, env=None):
    """Runs it on a terminal, in a process group of its own, none of which is
    left when this returns. Returns None, or one line on how it failed."""
    ours, theirs = open_pty()
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                   stdout=theirs, stderr=theirs,
                                   start_new_session=True,
                                   env={**os.environ, **(env or {})})
    finally:
        os.close(theirs)
    how = None
    try:
        deadline = time.monotonic() + timeout
        if not copy_output(process, ours, output, deadline):
            how = (f"stopped: not over after {timeout:g} s; the program and "
                   "all its children were killed")
    except KeyboardInterrupt:
        how = "interrupted: the program and all its children were killed"
    finally:
        kill_group(process)
        os.close(ours)
        status = process.wait()
    if how is None and status < 0:
        how = f"killed by {signal.Signals(-status).name}"
    elif how is None and status > 0:
        how = f"exit status {status}"
    return how


# --- Pictures ----------------------------------------------------------------

class Picture:
    def __init__(self, svg, text):
        self.svg, self.text = svg, text

    def _repr_mimebundle_(self, include=None, exclude=None):
        """An <img>, because scripts and styles in it cannot reach the page:
        so an untrusted notebook shows it, too. The text is for whoever gets
        no pictures; the style brings back a triangle that Jupyter hides."""
        data = base64.b64encode(self.svg.encode()).decode()
        lines = self.text.rstrip("\n")
        return {
            "text/html":
                f'<img src="data:image/svg+xml;base64,{data}" '
                f'alt="timeline: {html.escape(lines.splitlines()[0])}">\n'
                '<details><summary style="display:list-item">the same as text'
                "</summary><pre>"
                f"{html.escape(lines)}</pre></details>",
            "text/plain": lines,
        }

    def __repr__(self):
        return self.text


def show_picture(svg, text):
    from IPython.display import display
    display(Picture(svg, text))


def draw(build, record, title):
    """A record (recorder.py) by the lab's own renderer."""
    with tempfile.TemporaryDirectory(prefix="awaitlab-") as folder:
        svg = Path(folder) / "picture.svg"
        done = subprocess.run(
            [build["draw"], "--svg", str(svg), "--title", title],
            input=record, text=True, capture_output=True,
            env={**os.environ, "LC_ALL": "C"})
        if done.returncode != 0:
            raise Failed(done.stderr.strip())
        return svg.read_text(), done.stdout


# --- Words on what happened in which second ----------------------------------

STORY = re.compile(r"^(\d+(?:\.\d+)?) s  (\S+(?: \d+)?) +(.+)$", re.M)


def story_record(words):
    """What lessons 01 to 05 print, as a record: a row for each who speaks,
    from the first word to the last; in between they wait for a socket, and
    the clock for its timer. The first row is who answers: a server, which
    says at the end how it spent its time, or a loop."""
    lines = [(round(float(when) * 1e9), who, what)
             for when, who, what in STORY.findall(words)]
    served = [what for _, who, what in lines if who == "server"]
    spins = any("never slept" in what for what in served)
    lines = [line for line in lines if line[1] != "server"]
    names = list(dict.fromkeys(who for _, who, _ in lines))
    last = {who: i for i, (_, who, _) in enumerate(lines)}
    record = recorder.Record(False, "server" if served else "loop")
    record.titles = lambda: names

    def poll(ns, *verbs):
        for verb in () if spins else verbs:
            record.add(ns, verb, None, "0" if verb == "fd" else "")

    poll(0, "poll")
    for i, (ns, who, what) in enumerate(lines):
        number = names.index(who)
        wakes = i == 0 or ns > lines[i - 1][0]
        if served and i == last[who]:        # somebody is being answered
            poll(ns, "polled", "fd")
        elif not served:
            poll(ns, "polled", "fd" if "hears" in what else "timer")
        elif wakes:
            poll(ns, "polled")
        if not any(line[1] == who for line in lines[:i]):
            record.add(ns, "task", number)
        record.add(ns, "step", number)
        lost = "lost" in what or "cannot" in what
        if i == last[who]:
            record.add(ns, "done", number, "" if lost else "OK")
        else:
            record.add(ns, "park", number,
                       "timer" if who == "clock" else "fd 0")
        poll(ns, "poll")
    return record.text() if names else None


# --- Magics ------------------------------------------------------------------

class Options:
    """The words after a magic; what it does not know is for the program."""

    def __init__(self, line, known):
        words = shlex.split(line)
        self.timeout, self.rest, self.on = TIMEOUT, [], set()
        while words:
            word = words.pop(0)
            if word == "--timeout":
                try:
                    self.timeout = float(words.pop(0))
                except (IndexError, ValueError):
                    raise Failed("--timeout: how many seconds?") from None
            elif word in known:
                self.on.add(word)
            else:
                self.rest.append(word)

    def __contains__(self, word):
        return word in self.on

    def end(self, how):
        """The line that says how it failed, or the failure itself."""
        if how is None:
            if "--fails" in self:
                raise Failed("it was meant to fail, and did not")
        elif "--fails" in self:
            print(how, flush=True)
        else:
            raise Failed(how)


def environment():
    """A terminal, but one whose text is kept: no colours."""
    plain = {name: os.environ.get(name, "") + ":color=never"
             for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}
    return {"LC_ALL": "C", "TERM": "dumb", **plain}


def c(line, cell):
    options = Options(line, {"--real", "--no-picture", "--fails", "--story"})
    build = find_build()
    staged = re.search(r"\b(LAB_MAIN|stage_run)\b", cell) is not None
    pictured = staged and "--no-picture" not in options
    with tempfile.TemporaryDirectory(prefix="awaitlab-") as name:
        folder = Path(name)
        compile_cell(build, cell, folder)
        command = [str(folder / "C"), *options.rest]
        if staged and "--real" not in options and "--speed" not in command:
            command += ["--speed", "max"]
        if pictured:
            command += ["--timeline", "--svg", str(folder / "picture.svg")]
        output = Output(pictured)
        how = run_program(command, output, options.timeout, environment())
        svg = folder / "picture.svg"
        text = output.end(complete=svg.exists())
        if text is not None and svg.exists():
            show_picture(svg.read_text(), text)
    if "--story" in options:
        show_story(build, output.words)
    options.end(how)


def show_story(build, words):
    record = story_record(words)
    if record is not None:
        show_picture(*draw(build, record, "who said what, and when"))


class Tee:
    def __init__(self, to):
        self.to, self.words = to, ""

    def write(self, text):
        self.words += text
        return self.to.write(text)

    def flush(self):
        self.to.flush()


def story(line, cell):
    from IPython import get_ipython
    Options(line, set())
    build = find_build()
    shell, tee = get_ipython(), Tee(sys.stdout)
    sys.stdout = tee
    try:
        run_python(cell, shell.user_ns, "<story>")
    finally:
        sys.stdout = tee.to
    show_story(build, tee.words)


def run_python(cell, namespace, name):
    """Runs it here; gives the coroutine if the cell awaits."""
    code = compile(cell, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, namespace)
    return result if inspect.iscoroutine(result) else None


class Runner(threading.Thread):
    """asyncio on a thread of its own: the kernel's thread has a loop already,
    which runs the cell that we are in."""

    def __init__(self, cell, namespace, record):
        super().__init__(daemon=True)
        self.cell, self.namespace, self.record = cell, namespace, record
        self.error = None
        self.cancel = None

    def run(self):
        try:
            recorder.run(self.main(), self.record, self.record.virtual,
                         self.serve, self.started)
        except BaseException as error:
            self.error = error

    async def serve(self):
        server = await web.serve()
        self.namespace["URL"] = web.url_of(server)
        return server

    def started(self, loop, task):
        self.cancel = lambda: loop.call_soon_threadsafe(task.cancel)

    async def main(self):
        coro = run_python(self.cell, self.namespace, "<cell>")
        if coro is not None:
            await coro

    def stop(self):
        """Asks, then insists: a cell that never awaits hears no asking."""
        if self.cancel is not None:
            self.cancel()
        self.join(1)
        while self.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self.ident), ctypes.py_object(SystemExit))
            self.join(0.2)


def wait_for(runner, timeout):
    """None, or one line on why it was stopped."""
    deadline = time.monotonic() + timeout
    try:
        while runner.is_alive():
            runner.join(0.05)
            if time.monotonic() > deadline and runner.is_alive():
                runner.stop()
                return f"stopped: not over after {timeout:g} s"
    except KeyboardInterrupt:
        runner.stop()
        return "interrupted"
    return None


def aio(line, cell):
    from IPython import get_ipython
    options = Options(line, {"--real", "--no-picture", "--fails"})
    if options.rest:
        raise Failed(f"%%aio: {options.rest[0]}: no such option")
    build = None if "--no-picture" in options else find_build()
    record = recorder.Record(virtual="--real" not in options)
    runner = Runner("\n" + cell, get_ipython().user_ns, record)
    runner.start()
    how = wait_for(runner, options.timeout)
    sys.stdout.flush()
    if build is not None and record.events:
        show_picture(*draw(build, record.text(), "asyncio"))
    if how is None and runner.error is not None:
        how = describe(runner.error)
    options.end(how)


def describe(error):
    """The error, and where in the cell it came from."""
    lines, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<cell>":
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == "<cell>":
        lines = [error.lineno]
    where = f" (line {lines[-1]} of the cell)" if lines else ""
    return f"{type(error).__name__}: {error}{where}".replace(": (", " (")


def load_ipython_extension(shell):
    for function in (c, aio, story):
        shell.register_magic_function(function, "cell")
