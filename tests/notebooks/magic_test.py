"""What %%c and %%aio promise, without Jupyter: IPython is a stand-in.

    LAB_BUILD=build/dev python3 magic_test.py [-v] [Test.name ...]

Each test runs real cells: compiled, on a terminal, in a group of their own.
"""
import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
from pathlib import Path

if sys.version_info < (3, 11):
    print("skipped: needs Python 3.11")
    sys.exit(77)

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "notebooks"))
sys.dont_write_bytecode = True

namespace = {}
shell = types.SimpleNamespace(user_ns=namespace)
sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: shell)

import lab_magic  # noqa: E402
import recorder  # noqa: E402

pictures = []
lab_magic.show_picture = lambda svg, text: pictures.append((svg, text))

SHOW = """\
struct show { struct coro coro; struct stage *stage; struct sleep sleep; };
ASYNC(show)
{
    BEGIN;
    stage_say(self->stage, "4 tasks, 2 steps, I say");
    AWAIT(sleep, .delay_ns = SECONDS(2));
    stage_say(self->stage, "bye");
    END;
}
LAB_MAIN(show, "a show")
"""

FORK = """\
int main(int argc, char **argv)
{
    pid_t pid = fork();

    if (pid == 0)
        pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    printf("%d\\n", (int)pid);
    fflush(stdout);
    while (argc < 2 || argv[1][0] == 'p')
        pause();
    return 0;
}
"""


def alive(pid):
    """Zombies are not: who reaps them is none of our business."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def gone(pids):
    """Killing is not instant; a second is plenty, and only waited for when
    somebody is still there."""
    end = time.monotonic() + 5
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(alive, pids))


class Cells(unittest.TestCase):
    def setUp(self):
        pictures.clear()
        namespace.clear()

    def run_cell(self, magic, line, code, out=None):
        """(stdout, stderr, the failure's line or None)"""
        out, err = out or io.StringIO(), io.StringIO()
        how = None
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                magic(line, code)
            except lab_magic.Failed as failed:
                how = failed._render_traceback_()[0]
        return out.getvalue(), err.getvalue(), how

    def c(self, line, code, out=None):
        return self.run_cell(lab_magic.c, line, code, out)

    def aio(self, line, code):
        return self.run_cell(lab_magic.aio, line, code)


class C(Cells):
    def test_what_it_prints_and_nothing_else(self):
        out, err, how = self.c("", 'int main(void)\n{\n    puts("hi");\n}\n')
        self.assertEqual((out, err, how), ("hi\n", "", None))
        self.assertEqual(pictures, [])

    def test_an_error_has_the_line_of_the_cell(self):
        # The magic's own line is 1, so this `oops` stands in line 4.
        out, err, how = self.c("", "int main(void)\n{\n    return oops;\n}\n")
        self.assertIn("cell.c:4:12: error: ", err)
        self.assertIn("return oops;", err)
        self.assertEqual(how, "the cell does not compile")
        self.assertNotIn("/tmp", err)

    def test_a_place_in_a_report_is_a_line_of_the_cell(self):
        code = ("struct show { struct coro coro; struct stage *stage; "
                "struct future future; };\n"
                "ASYNC(show)\n{\n    BEGIN;\n"
                "    future_init(&self->future, task_loop(task), "
                "FUTURE_PLAIN);\n"
                "    AWAIT_FUTURE(&self->future);\n    END;\n}\n"
                'LAB_MAIN(show, "waits for ever", .no_origin = true)\n')
        out, _, how = self.c("--fails", code)
        self.assertIn("cell.c:7", out)
        self.assertIn("exit status", out)
        self.assertIsNone(how)

    def test_it_is_shown_while_it_runs(self):
        # The program goes on when somebody has seen its first line.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "seen"

            class Eager(io.StringIO):
                def write(self, text):
                    if "one" in text:
                        path.touch()
                    return super().write(text)

            code = ("int main(int argc, char **argv)\n{\n    (void)argc;\n"
                    '    printf("one\\n");\n'   # no fflush: it is a terminal
                    "    while (access(argv[1], F_OK) != 0)\n"
                    "        poll(NULL, 0, 10);\n"
                    '    printf("two");\n}\n')
            out, _, how = self.c(str(path), code, Eager())
        self.assertEqual((out, how), ("one\ntwo", None))

    def test_much_output_is_cut_and_read_to_its_end(self):
        code = ('int main(void)\n{\n    for (int i = 0; i < 500000; i++)\n'
                '        puts("0123456");\n}\n')
        out, _, how = self.c("", code)
        self.assertIsNone(how)
        rest = 4_000_000 - lab_magic.SHOWN
        self.assertTrue(out.endswith(f"\n... and {rest} characters more\n"))
        self.assertLess(len(out), lab_magic.SHOWN + 100)

    def test_utf8_may_be_cut_anywhere(self):
        output = lab_magic.Output(False)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            for byte in "grün ✓\n".encode():
                output.feed(bytes([byte]))
            output.end(False)
        self.assertEqual(out.getvalue(), "grün ✓\n")

    def test_the_status_is_told(self):
        out, _, how = self.c("", "int main(void) { return 3; }\n")
        self.assertEqual((out, how), ("", "exit status 3"))

    def test_the_signal_is_told(self):
        code = "#include <signal.h>\nint main(void) { raise(SIGTERM); }\n"
        self.assertEqual(self.c("", code)[2], "killed by SIGTERM")

    def test_meant_to_fail_is_no_failure_and_must_fail(self):
        out, _, how = self.c("--fails", "int main(void) { return 3; }\n")
        self.assertEqual((out, how), ("exit status 3\n", None))
        _, _, how = self.c("--fails", "int main(void) { return 0; }\n")
        self.assertEqual(how, "it was meant to fail, and did not")

    def test_at_the_limit_grandchildren_die_too(self):
        out, _, how = self.c("--timeout 3", FORK)
        pids = [int(word) for word in out.split()]
        self.assertEqual(len(pids), 2)
        self.assertTrue(how.startswith("stopped: not over after 3 s; "), how)
        self.assertTrue(gone(pids))

    def test_who_is_left_behind_holds_nobody_up_and_dies(self):
        began = time.monotonic()
        out, _, how = self.c("--timeout 60 over", FORK)
        pids = [int(word) for word in out.split()]
        self.assertIsNone(how)
        self.assertTrue(gone(pids))
        self.assertLess(time.monotonic() - began, 50)

    def test_interrupted_it_kills_all_and_says_so(self):
        class Impatient(io.StringIO):
            def write(self, text):
                written = super().write(text)
                if self.getvalue().count("\n") == 2:
                    signal.raise_signal(signal.SIGINT)
                return written

        out, _, how = self.c("--timeout 60", FORK, Impatient())
        self.assertEqual(
            how, "interrupted: the program and all its children were killed")
        self.assertTrue(gone([int(word) for word in out.split()]))

    def test_no_build_says_what_to_do(self):
        build = os.environ["LAB_BUILD"]
        os.environ["LAB_BUILD"] = "/nonexistent"
        try:
            how = self.c("", "int main(void) { return 0; }\n")[2]
        finally:
            os.environ["LAB_BUILD"] = build
        self.assertEqual(how, "there is no build in /nonexistent ($LAB_BUILD): "
                         "run  cmake --preset dev && cmake --build --preset dev"
                         "  first")

    def test_a_build_older_than_its_headers_is_refused(self):
        with tempfile.TemporaryDirectory() as name:
            folder, root = Path(name), lab_magic.ROOT
            (folder / "lib.a").touch()
            (folder / "list.h").touch()
            os.utime(folder / "lib.a", (1000, 1000))
            (folder / "C.d").write_text(f"C: cell.c \\\n {folder}/list.h\n")
            build = {"libraries": [folder / "lib.a"], "folder": "build/dev"}
            lab_magic.ROOT = folder
            try:
                with self.assertRaisesRegex(lab_magic.Failed, "than list.h: "
                                            "run  cmake --build build/dev  "):
                    lab_magic.check_age(build, folder)
                os.utime(folder / "list.h", (999, 999))
                lab_magic.check_age(build, folder)
            finally:
                lab_magic.ROOT = root

    def test_a_stage_is_pictured_and_no_word_is_lost(self):
        out, _, how = self.c("", SHOW)
        self.assertIsNone(how)
        self.assertEqual(out, "4 tasks, 2 steps, I say\nbye\n")
        (svg, text), = pictures
        self.assertTrue(svg.startswith("<svg"))
        self.assertEqual(text.splitlines()[0],
                         "1 task, 2 steps, 2 s of virtual time")
        self.assertIn("\nmain  #....", text)

    def test_a_picture_is_an_image_and_text(self):
        picture = lab_magic.Picture("<svg/>", "a < b\nc\n")
        self.assertEqual(picture._repr_mimebundle_(), {
            "text/html":
                '<img src="data:image/svg+xml;base64,PHN2Zy8+" '
                'alt="timeline: a &lt; b">\n<details><summary '
                'style="display:list-item">the same as text</summary><pre>a &lt; b\nc</pre></details>',
            "text/plain": "a < b\nc"})

    def test_no_picture_no_time_passed_over(self):
        out, _, how = self.c("--no-picture", SHOW)
        self.assertEqual((out, how, pictures),
                         ("4 tasks, 2 steps, I say\nbye\n", None, []))


class Aio(Cells):
    def test_it_may_await_and_is_pictured(self):
        out, _, how = self.aio("", "import asyncio\n"
                               "await asyncio.sleep(2)\nprint('bye')\n")
        self.assertEqual((out, how), ("bye\n", None))
        self.assertEqual(pictures[0][1].splitlines()[3:5], [
            "loop  #" + "_" * 68 + "t", "main  #" + "." * 68 + "*"])

    def test_c_and_asyncio_draw_the_same(self):
        self.c("", SHOW)
        self.aio("", "import asyncio\nawait asyncio.sleep(2)\n")
        self.assertEqual(pictures[0][1], pictures[1][1])

    def test_two_runs_two_times_the_same_bytes(self):
        code = ("import asyncio\nfrom web import ClientSession\n"
                "async def get(session, n):\n"
                "    async with session.get(URL + f'delay/{n}') as r:\n"
                "        return r.status\n"
                "async with ClientSession() as session:\n"
                "    print(await asyncio.gather(*(get(session, n)\n"
                "                                 for n in range(9))))\n")
        for _ in range(3):
            out, _, how = self.aio("", code)
            self.assertEqual((out, how), (f"{[200] * 9}\n", None))
        self.assertEqual(pictures[0], pictures[1])
        self.assertEqual(pictures[0], pictures[2])
        self.assertIn("10 tasks, ", pictures[0][1])    # not the server's
        self.assertIn("~ awaiting fd", pictures[0][1])

    def test_what_is_left_is_cancelled_in_order_of_creation(self):
        code = ("import asyncio\nasync def child(n):\n    try:\n"
                "        await asyncio.sleep(9)\n"
                "    finally:\n        print(n)\n"
                "tasks = [asyncio.create_task(child(n)) for n in range(20)]\n"
                "await asyncio.sleep(1)\n")
        out, _, how = self.aio("", code)
        self.assertEqual(out.split(), [str(n) for n in range(20)])
        self.assertIsNone(how)

    def test_an_error_has_the_line_of_the_cell(self):
        _, _, how = self.aio("", "x = 1\nawait y\n")
        self.assertEqual(how, "NameError: name 'y' is not defined "
                         "(line 3 of the cell)")
        _, _, how = self.aio("", "x = 1\nx = = 2\n")
        self.assertRegex(how, r"^SyntaxError: .*\(line 3 of the cell\)$")

    def test_a_deadlock_is_told(self):
        recorder.PATIENCE = 0.05
        try:
            _, _, how = self.aio("", "import asyncio\nawait asyncio.Future()\n")
        finally:
            recorder.PATIENCE = 2.0
        self.assertRegex(how, "^RuntimeError: deadlock: ")

    def test_at_the_limit_it_is_cancelled(self):
        code = ("import asyncio\ntry:\n    while True:\n"
                "        await asyncio.sleep(1)\n"
                "finally:\n    print('bye')\n")
        out, _, how = self.aio("--timeout 1", code)
        self.assertEqual((out, how), ("bye\n", "stopped: not over after 1 s"))

    def test_at_the_limit_one_that_never_awaits_is_stopped_too(self):
        before = threading.active_count()
        _, _, how = self.aio("--timeout 0.3", "while True:\n    pass\n")
        self.assertEqual(how, "stopped: not over after 0.3 s")
        self.assertEqual(threading.active_count(), before)

    def test_interrupted_it_is_cancelled(self):
        timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        code = ("import asyncio\nwhile True:\n    await asyncio.sleep(1)\n")
        self.assertEqual(self.aio("--timeout 60", code)[2], "interrupted")
        timer.join()

    def test_unknown_options_are_refused(self):
        self.assertEqual(self.aio("--fast", "")[2],
                         "%%aio: --fast: no such option")


class Story(Cells):
    WORDS = ('0 s  slow     connects, sends "h"\n'
             '0 s  quick 1  connects, sends "one\\n"\n'
             '1 s  slow     sends "lo\\n"\n'
             '2 s  slow     is answered "HELLO\\n"\n'
             '2 s  quick 1  lost its connection\n'
             '2 s  server   %s\n')

    def rows(self, how):
        out, _, failed = self.run_cell(lab_magic.story, "",
                                       f"print({self.WORDS % how!r}, end='')\n")
        self.assertEqual((out, failed), (self.WORDS % how, None))
        return {line[:7].rstrip(): line[9:] for line in
                pictures.pop()[1].splitlines()[3:6]}

    def test_who_speaks_has_a_row_from_first_word_to_last(self):
        rows = self.rows("slept")
        self.assertEqual(rows["slow"][0] + rows["slow"][-1], "#*")
        self.assertEqual(rows["slow"].count("#"), 2)
        self.assertTrue(rows["quick 1"].endswith("~!"))
        self.assertIn("____", rows["server"])

    def test_a_server_that_never_slept_ran_all_the_time(self):
        row = self.rows("never slept: it kept a CPU busy")["server"]
        self.assertEqual(row, "#" * len(row))

    def test_words_that_are_no_story_give_no_picture(self):
        self.run_cell(lab_magic.story, "", "print('once upon a time')\n")
        self.assertEqual(pictures, [])


class Draw(unittest.TestCase):
    def draw(self, record):
        return subprocess.run([lab_magic.find_build()["draw"]], input=record,
                              text=True, capture_output=True,
                              env={**os.environ, "LC_ALL": "C"})

    def test_bad_lines_are_named(self):
        head = "awaitlab-record 1 virtual\n0 task 1 main\n"
        for line, words in [
                ("x step 1", "a line begins with its time"),
                ("-1 step 1", "a line begins with its time"),
                ("0 jump 1", "no such event"), ("0 step 2", "no such task"),
                ("0 step 0", "no such task"), ("0 step", "no such task"),
                ("0 task 3 x", "tasks are numbered"),
                ("0 task 1 x", "tasks are numbered"),
                ("0 park 1 fd x", "fd: which?"), ("0 fd", "fd: which?"),
                ("0 park 1 task 2", "task: no such number"),
                ("0 park 1 bench", "waits for timer, fd, task or future"),
                ("99999999999999999999 poll", "a line begins with its time")]:
            done = self.draw(head + line + "\n")
            self.assertEqual((done.returncode, done.stdout), (2, ""), line)
            self.assertTrue(done.stderr.startswith(f"draw: line 3: {words}"),
                            done.stderr)
        for record in ["", "\n", "awaitlab-record 2 virtual\n",
                       "awaitlab-record 1 lunar\n"]:
            done = self.draw(record)
            self.assertEqual(done.returncode, 2)
        done = self.draw(head + "5 poll\n4 polled\n")
        self.assertTrue(done.stderr.startswith("draw: line 4: a line begins"))

    def test_every_event_has_its_mark(self):
        done = self.draw(
            "awaitlab-record 1 virtual kitchen\n0 task 1 a\n0 task 2 b\n"
            "0 task 3 c\n0 step 1\n0 park 1 timer\n0 step 2\n0 park 2 fd 7\n"
            "0 step 3\n0 park 3 task 1\n0 poll\n0 polled\n100 timer\n"
            "100 fd 7\n100 step 1\n100 done 1 OK\n100 step 2\n100 cancel 3\n"
            "100 done 2 TimeoutError\n100 step 3\n100 done 3 CancelledError\n")
        self.assertEqual(done.stderr, "")
        self.assertEqual([line.split()[0] for line in
                          done.stdout.splitlines()[3:7]],
                         ["kitchen", "a", "b", "c"])
        for row, end in zip(done.stdout.splitlines()[3:7],
                            ["_+", ".*", "~! TimeoutError", "-x"]):
            self.assertTrue(row.endswith(end), row)

    def test_an_error_has_the_name_it_came_with(self):
        head = "awaitlab-record 1 virtual\n0 task 1 main\n0 step 1\n0 done 1"
        for name, end in [(" NameOfMine", "#! NameOfMine"), ("", "#!"),
                          (" OK", "#*"), (" CancelledError", "#x")]:
            row = self.draw(head + name + "\n").stdout.splitlines()[4]
            self.assertTrue(row.endswith(end), row)


if __name__ == "__main__":
    os.environ["LAB_BUILD"] = str(Path(os.environ["LAB_BUILD"]).resolve())
    unittest.main()
