"""Runs asyncio on a clock that jumps, and writes down what its loop does.

    record = Record()
    run(main(), record)           # on a fresh loop, as asyncio.run does
    record.text()                 # what lib/stage/draw_main.c draws

Nothing private is patched. A task factory wraps each coroutine in an object
that says when it is resumed, what it then waits for and how it ended; a
selector says when the loop blocks. With the virtual clock the selector never
waits for a timer: when nothing is ready, the time is that of the next one,
and a run gives the same record each time.

Left out: threads (run_in_executor) under the virtual clock, which would jump
ahead of them, and async generators that are never awaited to their end.
"""
import asyncio
import collections.abc
import selectors
import time

GRACE = 0.001     # real time for bytes under way before the clock jumps ...
PATIENCE = 2.0    # ... and before we believe that none will ever come

# In these files of asyncio an await is for a socket, and a task is asyncio's.
PLUMBING = ("asyncio/streams.py", "asyncio/selector_events.py",
            "asyncio/base_events.py")


class Record:
    def __init__(self, virtual=True, first_row="loop"):
        self.virtual = virtual
        self.first_row = first_row
        self.began_ns = None
        self.tasks = []        # in order of creation; kept, so that ids stay
        self.names = []        # of their coroutines
        self.numbers = {}      # id(task): its place in `tasks`
        self.events = []       # (ns, verb, task number or None, words)

    def add(self, ns, verb, number=None, words=""):
        if self.began_ns is None:
            self.began_ns = ns
        self.events.append((ns - self.began_ns, verb, number, words))

    def add_task(self, task, coro):
        self.numbers[id(task)] = number = len(self.tasks)
        self.tasks.append(task)
        code = innermost(coro)
        ours = code is None or not code.co_filename.endswith(PLUMBING)
        self.names.append(("" if ours else "~")
                          + getattr(coro, "__name__", "task"))
        return number

    def titles(self):
        """The rows' names: those that tasks were given, or coroutines'."""
        titles, seen = [], collections.Counter()
        for task, name in zip(self.tasks, self.names):
            given = task.get_name()
            default = given.startswith("Task-") and given[5:].isdigit()
            titles.append(name if default else given)
            seen[titles[-1]] += 1
        count = collections.Counter()
        for i, title in enumerate(titles):
            count[title] += 1
            if seen[title] > 1:
                titles[i] = f"{title} {count[title]}"
        return titles

    def text(self):
        """The record. Tasks whose name begins with ~ are not in it."""
        titles = self.titles()
        shown = {}
        lines = [f"awaitlab-record 1 {'virtual' if self.virtual else 'real'}"
                 + (f" {self.first_row}" if self.first_row != "loop" else "")]
        for ns, verb, number, words in self.events:
            if number is not None and titles[number].startswith("~"):
                continue
            if verb == "task":
                shown[number] = len(shown) + 1
                words = titles[number]
            if verb == "park" and isinstance(words, int):     # on a task
                hidden = titles[words].startswith("~")
                words = "future" if hidden else f"task {shown[words]}"
            who = "" if number is None else f" {shown[number]}"
            lines.append(f"{ns} {verb}{who} {words}".rstrip())
        return "\n".join(lines) + "\n"


class Steps(collections.abc.Coroutine):
    """A coroutine that says when it runs, what it waits for, how it ends."""

    def __init__(self, coro, loop, record):
        self.coro, self.loop, self.record = coro, loop, record
        self.number = None
        self.__name__ = getattr(coro, "__name__", "task")
        self.__qualname__ = getattr(coro, "__qualname__", "task")

    def tell(self, verb, words=""):
        self.record.add(self.loop.now_ns(), verb, self.number, words)

    def _step(self, go, *args):
        self.tell("step")
        try:
            waits_for = go(*args)
        except StopIteration:
            self.tell("done", "OK")
            raise
        except BaseException as error:
            self.tell("done", type(error).__name__)
            raise
        self.tell("park", self._what(waits_for))
        return waits_for

    def _what(self, waits_for):
        if waits_for is None:
            return ""
        number = self.record.numbers.get(id(waits_for))
        if number is not None:
            return number
        code = innermost(self.coro)
        path = code.co_filename if code else ""
        if path.endswith("asyncio/tasks.py") and code.co_name == "sleep":
            return "timer"
        if path.endswith(PLUMBING):
            return "fd 0"
        return "future"

    def send(self, value):
        return self._step(self.coro.send, value)

    def throw(self, *error):
        return self._step(self.coro.throw, *error)

    def close(self):
        self.coro.close()

    def __await__(self):
        return self.coro.__await__()


def innermost(coro):
    """The code of the coroutine at the end of the chain of awaits."""
    code = None
    while coro is not None:
        code = (getattr(coro, "cr_code", None) or getattr(coro, "gi_code", None)
                or getattr(coro, "ag_code", None) or code)
        coro = (getattr(coro, "cr_await", None)
                or getattr(coro, "gi_yieldfrom", None)
                or getattr(coro, "ag_await", None))
    return code


class Selector(selectors.PollSelector):
    """poll(), and a clock: the real one, or one that jumps."""

    def __init__(self, virtual):
        super().__init__()
        self.virtual = virtual
        self.clock_ns = 0
        self.record = None
        self.own = None        # the loop's self-pipe; not a socket of ours

    def now_ns(self):
        return self.clock_ns if self.virtual else time.monotonic_ns()

    def tell(self, verb, words=""):
        if self.record is not None:
            self.record.add(self.now_ns(), verb, None, words)

    def _others(self):
        return any(fd != self.own for fd in self.get_map())

    def select(self, timeout=None):
        self.tell("poll")
        if not self.virtual:
            events = super().select(timeout)
        elif timeout is not None and (timeout <= 0 or not self._others()):
            events = super().select(0)
        else:
            events = super().select(PATIENCE if timeout is None else GRACE)
        self.tell("polled")
        for key, _ in events:
            if key.fd != self.own:
                self.tell("fd", key.fd)
        if self.virtual and not events:
            if timeout is None:
                raise RuntimeError("deadlock: nothing is ready, no timer is "
                                   "set, and unfinished tasks are left")
            self.clock_ns += max(0, round(timeout * 1e9))
        return events


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, virtual=True):
        self.selector = Selector(virtual)
        super().__init__(self.selector)
        self.selector.own = next(iter(self.selector.get_map()))
        self._clock_resolution = 1e-9

    def now_ns(self):
        return self.selector.now_ns()

    def time(self):
        return self.now_ns() / 1e9

    def call_at(self, when, callback, *args, context=None):
        def fired(*args):
            self.selector.tell("timer")
            return callback(*args)

        return super().call_at(when, fired, *args, context=context)

    def start_recording(self, record):
        self.selector.record = record

        def factory(loop, coro, **more):
            steps = Steps(coro, loop, record)
            task = asyncio.Task(steps, loop=loop, **more)
            steps.number = record.add_task(task, coro)
            steps.tell("task")
            return task

        self.set_task_factory(factory)

    def stop_recording(self):
        self.selector.record = None
        self.set_task_factory(None)


async def cancel_rest(loop, rest):
    """What asyncio.run does at its end, but in order of creation: its own
    order is that of a set, which is another one each time."""
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    for task in rest:
        if not task.cancelled() and task.exception() is not None:
            loop.call_exception_handler({
                "message": "unhandled exception during shutdown",
                "exception": task.exception(), "task": task})


def run(main, record=None, virtual=True, serve=None, started=None):
    """asyncio.run(main) on a fresh loop. `serve` is awaited before the record
    begins and `started(loop, task)` called when main is created. Returns what
    main returns."""
    record = record if record is not None else Record(virtual)
    loop = Loop(virtual)
    try:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(serve()) if serve else None
        loop.start_recording(record)
        task = loop.create_task(main, name="main")
        if started is not None:
            started(loop, task)
        try:
            return loop.run_until_complete(task)
        finally:
            rest = [task for task in record.tasks if not task.done()]
            if rest:
                loop.run_until_complete(loop.create_task(
                    cancel_rest(loop, rest), name="~shutdown"))
            loop.stop_recording()
            if server is not None:
                server.close()
            loop.run_until_complete(cancel_rest(
                loop, asyncio.all_tasks(loop)))
            loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
