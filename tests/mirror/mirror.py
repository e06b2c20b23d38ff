#!/usr/bin/env python3
"""The mirror: real asyncio runs the same scenarios as the lab, and is held beside it.

A scenario (.scn) describes tasks that sleep, wait, fail and cancel each other.  The lab runs it
on its own event loop, written in C; this program runs it on CPython's asyncio, under a clock that
jumps instead of waiting, and writes down what happened.  Both traces must be the same bytes.

    mirror.py run FILE...                        what asyncio does
    mirror.py generate --seed N                  a random scenario, always the same for one N
    mirror.py compare --scenario BINARY ...      asyncio against the lab; a difference is shrunk
    mirror.py check DIR...                       are the committed traces really CPython's?

asyncio is left as it is, except for orders that CPython leaves open (the place of an object in
memory decides them): equal timer deadlines, as_completed(), TaskGroup's abort, shutdown, and the
callbacks of wait().  Here creation or argument order decides: a set is swapped for an ordered
one, a timer gets a sequence number, and nothing else is touched.

The file in order: the language, the virtual loop, the interpreter, the generator, the lab's
process, the comparison, the shrinker, the commands.

Exit codes: 0 agree, 1 differ, 2 bad usage or bad input, 77 this Python is not the reference.
"""

import argparse
import ast
import asyncio
import contextlib
import heapq
import inspect
import itertools
import logging
import multiprocessing
import os
import pathlib
import random
import re
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from asyncio import CancelledError, base_events, events
from dataclasses import dataclass, field

EXIT_DIFFERENT, EXIT_USAGE, EXIT_SKIPPED = 1, 2, 77


# --- 1. The language -----------------------------------------------------------------------------

# What follows each op, in order.  The kinds that name an id: `ref` something that can be waited
# for, `any` ditto but never spawned by being named, `task` and `fut` only that.  A plural takes
# the rest of the line.
SHAPES = {
    "sleep": ("ms",), "await": ("ref",), "shield": ("ref",), "wait_for": ("ms", "ref"),
    "gather": ("refs",), "gatherx": ("refs",), "wait": ("mode", "tmo", "refs"),
    "ascomp": ("tmo", "refs"), "group": ("tasks",), "spawn": ("task",),
    "let": ("let", "comb", "refs"), "cancel": ("any",), "uncancel": (), "peek": ("any",),
    "cb": ("any",), "set": ("fut", "int"), "fail": ("fut", "int"), "return": ("int",),
    "raise": ("int",), "log": ("word",),
}
ID_KINDS = {"ref", "refs", "any", "task", "tasks", "fut"}
WORDS = {"mode": ("all", "first", "exc"), "comb": ("gather", "gatherx", "shield")}
RETURN_WHEN = {"all": asyncio.ALL_COMPLETED, "first": asyncio.FIRST_COMPLETED,
               "exc": asyncio.FIRST_EXCEPTION}
MAX_ID = 99


class BadScenario(Exception):
    """The file is not a scenario; the text says why, `line` says where."""

    def __init__(self, cause, line=None):
        super().__init__(cause)
        self.line = line


@dataclass
class Stmt:
    op: str
    args: list = field(default_factory=list)        # what the shape asks for beside ids
    ids: list = field(default_factory=list)
    prefixes: list = field(default_factory=list)    # ("try", None), ("within", 30), ...
    do: "Stmt | None" = None                        # the statement inside a group
    line: int | None = None

    def copy(self):
        return Stmt(self.op, self.args[:], self.ids[:], self.prefixes[:],
                    self.do and self.do.copy(), self.line)

    def chain(self):
        """This statement and the ones nested in it."""
        return [self] + (self.do.chain() if self.do else [])


@dataclass
class TaskText:
    body: list = field(default_factory=list)
    cleanup: list | None = None                     # None: there is no finally section

    def sections(self):
        return [self.body] if self.cleanup is None else [self.body, self.cleanup]


@dataclass
class Scenario:
    futs: list = field(default_factory=list)
    tasks: dict = field(default_factory=dict)
    comment: str = ""

    def copy(self):
        def section(stmts):
            return None if stmts is None else [stmt.copy() for stmt in stmts]
        tasks = {n: TaskText(section(t.body), section(t.cleanup)) for n, t in self.tasks.items()}
        return Scenario(self.futs[:], tasks, self.comment)

    def statements(self):
        for task in self.tasks.values():
            for section in task.sections():
                for stmt in section:
                    yield from stmt.chain()

    def lets(self):
        return {stmt.args[0] for stmt in self.statements() if stmt.op == "let"}


class Tokens:
    """The words of one line, handed out one by one."""

    def __init__(self, words, line):
        self.words = words
        self.line = line

    def fail(self, cause):
        raise BadScenario(cause, self.line)

    def next(self, what):
        if not self.words:
            self.fail(f"{what} is missing")
        return self.words.pop(0)

    def integer(self, what):
        word = self.next(what)
        if not re.fullmatch(r"-?[0-9]+", word):
            self.fail(f"{what}: '{word}' is not an integer")
        return int(word)

    def id(self, what="an id"):
        number = self.integer(what)
        if not 0 <= number <= MAX_ID:
            self.fail(f"id {number} is not in 0..{MAX_ID}")
        return number

    def value(self, kind):
        if kind in WORDS:
            word = self.next(" or ".join(WORDS[kind]))
            if word not in WORDS[kind]:
                self.fail(f"'{word}' is not one of {' '.join(WORDS[kind])}")
            return word
        if kind == "tmo" and self.words[:1] == ["-"]:
            return self.words.pop(0)
        if kind == "let":
            return self.id("the id of the let")
        return self.next("a word") if kind == "word" else self.integer("a number")


def parse_statement(tokens, inside_group=False):
    stmt = Stmt("", line=tokens.line)
    word = tokens.next("a statement")
    while word in ("try", "tryc", "within"):
        stmt.prefixes.append((word, tokens.integer("the time") if word == "within" else None))
        word = tokens.next("a statement after the prefix")
    if word not in SHAPES:
        tokens.fail(f"unknown statement '{word}'")
    stmt.op = word
    if word == "return" and (stmt.prefixes or inside_group):
        tokens.fail("return takes no prefix and does not stand after do")
    for kind in SHAPES[word]:
        parse_argument(tokens, stmt, kind)
    if word == "group" and tokens.words[:1] == ["do"]:
        tokens.words.pop(0)
        stmt.do = parse_statement(tokens, inside_group=True)
    elif tokens.words:
        tokens.fail(f"'{tokens.words[0]}' is too much after {word}")
    return stmt


def parse_argument(tokens, stmt, kind):
    if kind == "refs":
        stmt.ids.append(tokens.id())
    if kind in ("refs", "tasks"):
        while tokens.words and tokens.words[0] != "do":
            stmt.ids.append(tokens.id())
    elif kind in ID_KINDS:
        stmt.ids.append(tokens.id())
    else:
        stmt.args.append(tokens.value(kind))


def parse(text):
    """The Scenario in a text; BadScenario if it is none."""
    scenario, task, section = Scenario(), None, None
    for number, line in enumerate(text.splitlines(), 1):
        tokens = Tokens(line.split("#", 1)[0].split(), number)
        word = tokens.words[0] if tokens.words else None
        if word in ("fut", "task", "finally"):
            tokens.words.pop(0)
            if word == "fut":
                scenario.futs.append(new_id(tokens, scenario))
            elif word == "task":
                task = scenario.tasks[new_id(tokens, scenario)] = TaskText()
                section = task.body
            elif task is None or task.cleanup is not None:
                tokens.fail("finally stands outside a task" if task is None else
                            "a task has one finally")
            else:
                section = task.cleanup = []
            if tokens.words:
                tokens.fail(f"'{tokens.words[0]}' is too much after {word}")
        elif word and section is None:
            tokens.fail("a statement stands outside a task")
        elif word:
            section.append(parse_statement(tokens))
    validate(scenario)
    return scenario


def new_id(tokens, scenario):
    number = tokens.id()
    if number in scenario.futs or number in scenario.tasks:
        tokens.fail(f"id {number} is defined twice")
    return number


def validate(scenario):
    """What a line alone cannot show.  The generator and the shrinker are held to it, too."""
    if 0 not in scenario.tasks:
        raise BadScenario("there is no task 0")
    for task in scenario.tasks.values():
        for stmt in task.cleanup or ():
            if stmt.op == "return":
                raise BadScenario("return does not stand in finally", stmt.line)
    lets = scenario.lets()
    known = lets | set(scenario.futs) | set(scenario.tasks)
    for stmt in scenario.statements():
        validate_ids(scenario, stmt, lets, known)


def validate_ids(scenario, stmt, lets, known):
    def demand(condition, cause):
        if not condition:
            raise BadScenario(cause, stmt.line)

    if stmt.op == "let":
        number = stmt.args[0]
        demand(number not in scenario.futs and number not in scenario.tasks,
               f"let {number}: the id is taken by a task or a fut")
        demand(stmt.args[1] != "shield" or len(stmt.ids) == 1, "shield takes one id")
    for number in stmt.ids:
        demand(number in known, f"id {number} is not defined")
        if stmt.op in ("group", "spawn"):
            demand(number in scenario.tasks, f"{stmt.op} {number}: not a task")
        if stmt.op in ("set", "fail"):
            demand(number in scenario.futs, f"{stmt.op} {number}: not a fut")


def format_statement(stmt):
    words = [word if ms is None else f"{word} {ms}" for word, ms in stmt.prefixes]
    words.append(stmt.op)
    args, ids = iter(stmt.args), iter(stmt.ids)
    for kind in SHAPES[stmt.op]:
        if kind in ("refs", "tasks"):
            words.extend(map(str, ids))
        else:
            words.append(str(next(ids if kind in ID_KINDS else args)))
    if stmt.do:
        words += ["do", format_statement(stmt.do)]
    return " ".join(words)


def format_scenario(scenario):
    lines = [f"# {scenario.comment}"] if scenario.comment else []
    lines += [f"fut {number}" for number in scenario.futs]
    for number, task in scenario.tasks.items():
        lines.append(f"task {number}")
        lines += ["  " + format_statement(stmt) for stmt in task.body]
        if task.cleanup is not None:
            lines.append("finally")
            lines += ["  " + format_statement(stmt) for stmt in task.cleanup]
    return "\n".join(lines) + "\n"


# --- 2. The virtual loop, and the orders CPython leaves open --------------------------------------

class Deadlock(BaseException):
    """Nothing is ready and no timer is left: nobody will ever wake the loop."""


class OrderedTimer(events.TimerHandle):
    """Equal deadlines fire in creation order.  (asyncio compares the deadline alone, so the
    shape of the heap decides.)"""

    def __init__(self, sequence, when, callback, args, loop, context):
        super().__init__(when, callback, args, loop, context)
        self._sequence = sequence

    def __lt__(self, other):
        return (self._when, self._sequence) < (other._when, other._sequence)


class VirtualSelector:
    """Nobody talks to this loop, so waiting is only moving the clock to the next timer."""

    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self.loop.now = self.loop._scheduled[0]._when
        return ()


class VirtualLoop(base_events.BaseEventLoop):
    """asyncio's own loop.  Its unit is the millisecond, in integers, so that times are exact."""

    def __init__(self):
        super().__init__()
        self.now = 0
        self._selector = VirtualSelector(self)
        self._sequence = itertools.count()
        # run_once fires what is due before now + resolution: half a unit means "up to now".
        self._clock_resolution = 0.5
        self.set_debug(False)
        # Failures nobody looked at are a line of the trace, not a message on stderr.
        self.set_exception_handler(lambda loop, context: None)

    def time(self):
        return self.now

    def call_at(self, when, callback, *args, context=None):
        timer = OrderedTimer(next(self._sequence), when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def _process_events(self, event_list):
        pass

    def run_ready_once(self):
        """One iteration with poll timeout 0: that is what stop() before run_forever() does."""
        self.stop()
        self.run_forever()


class OrderedSet(dict):
    """As much of a set as asyncio needs, in insertion order."""

    def __init__(self, items=()):
        super().__init__((item, None) for item in items)

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)

    def remove(self, item):
        del self[item]


def with_ordered_sets(function):
    """asyncio's own source of `function`, where set(...) and {... for ...} keep their order."""

    class Swap(ast.NodeTransformer):
        def visit_SetComp(self, node):
            items = ast.GeneratorExp(self.visit(node.elt), node.generators)
            return ast.Call(ast.Name("set", ast.Load()), [items], [])

    tree = Swap().visit(ast.parse(inspect.getsource(function)))
    ast.increment_lineno(tree, function.__code__.co_firstlineno - 1)
    tree = ast.fix_missing_locations(tree)
    names = {**function.__globals__, "set": OrderedSet}
    exec(compile(tree, inspect.getsourcefile(function), "exec"), names)
    return names[function.__name__]


as_completed = with_ordered_sets(asyncio.as_completed)
wait = with_ordered_sets(asyncio.wait)


def ordered_group():
    group = asyncio.TaskGroup()
    group._tasks = OrderedSet()
    return group


def reference_problem():
    """Why this interpreter cannot serve as the reference, or None."""
    if sys.version_info[:2] != (3, 11) or sys.implementation.name != "cpython":
        return "the traces are those of CPython 3.11"
    # asyncio.timeout() compares with the count at entry only after 3.11.2 (row TO09).
    if "_cancelling" not in asyncio.Timeout.__aenter__.__code__.co_names:
        return "its asyncio.timeout() is older than the traces (rows TO08, TO09)"
    return None


# --- 3. The interpreter: one scenario on asyncio --------------------------------------------------

class Err(Exception):
    """The error of `raise` and `fail`."""


def show_error(error):
    if isinstance(error, CancelledError):
        return "cancelled"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, BaseExceptionGroup):
        return "group[" + ",".join(map(show_error, error.exceptions)) + "]"
    return f"err {error.args[0] if isinstance(error, Err) else type(error).__name__}"


def show_item(value):
    if isinstance(value, BaseException):
        return show_error(value)
    if isinstance(value, list):
        return "[" + ",".join(map(show_item, value)) + "]"
    return str(value)


def show_ok(value):
    return "ok" if value is None else f"ok {show_item(value)}"


def show_state(future):
    """The state, without marking the exception as retrieved (as result() would)."""
    if not future.done():
        return "pending"
    if future.cancelled():
        return "cancelled"
    if future._exception is not None:
        return show_error(future._exception)
    return show_ok(future._result)


class Run:
    """One run of a scenario.  `objects` holds what is bound: tasks, futs and lets by id."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.loop = VirtualLoop()
        self.objects = {}
        self.groups = []
        self.lines = []
        self.over = False
        self.deadlocked = False

    # The run: asyncio.run(task 0), every order fixed.

    def trace(self):
        try:
            self.run_main()
            self.shut_down()
            while self.loop._ready:
                self.loop.run_ready_once()
            self.say_finals()
        finally:
            self.bury()
        return "\n".join(self.lines) + "\n"

    def run_main(self):
        for number in self.scenario.futs:
            self.objects[number] = self.loop.create_future()
        self.spawn("*", 0, self.loop.create_task)
        self.run_until(self.objects[0])

    def run_until(self, future):
        try:
            self.loop.run_until_complete(future)
        except Deadlock:
            self.deadlocked = True
            self.say("*", "deadlock")
        except (Exception, CancelledError):
            pass                                    # run_until_complete() raises main's outcome

    def shut_down(self):
        left = [n for n in sorted(self.scenario.tasks)
                if n in self.objects and not self.objects[n].done()]
        self.say("*", f"shutdown {len(left)}")
        if not left:
            return
        tasks = [self.objects[number] for number in left]
        for task in tasks:
            task.cancel()
        self.run_until(asyncio.gather(*tasks, return_exceptions=True))
        for number, task in zip(left, tasks):
            if task.done() and not task.cancelled() and task.exception() is not None:
                self.say("*", f"shutdown_error {number} {show_state(task)}")

    def say_finals(self):
        for number, future in sorted(self.objects.items()):
            lost = " unretrieved" if future._log_traceback else ""
            self.say(number, f"final {show_state(future)}{lost}")

    def bury(self):
        """Close the coroutines left over, here and silently.  Left to the garbage collector, a
        stale `async with timeout()` would cancel an innocent task of the next run."""
        self.over = True
        for group in self.groups:
            group._tasks.clear()                    # else its exit would insist on waiting
        for number in self.scenario.tasks:
            task = self.objects.get(number)
            if task is not None and not task.done():
                task._log_destroy_pending = False
                try:
                    task.get_coro().close()
                except BaseException as error:
                    if isinstance(error, KeyboardInterrupt):
                        raise
        self.loop.close()

    # What statements share.

    def say(self, who, event):
        if not self.over:
            self.lines.append(f"{self.loop.now} {who} {event}")

    def spawn(self, who, number, create_task):
        if number in self.objects:
            self.say(who, f"spawn {number} dup")
            return
        self.say(who, f"spawn {number}")
        task = self.objects[number] = create_task(self.body(number))
        task.add_done_callback(lambda task: self.say(number, f"done {show_state(task)}"))

    def find(self, who, numbers):
        """The objects to wait for; a task not yet spawned is spawned by being named."""
        for number in numbers:
            if number in self.scenario.tasks and number not in self.objects:
                self.spawn(who, number, self.loop.create_task)
            if number not in self.objects:
                raise RuntimeError(f"let {number} is not bound yet")
        return [self.objects[number] for number in numbers]

    async def told(self, who, name, coroutine, show=show_ok):
        """Await, and say how it ended.  (A coroutine inside a coroutine adds no hop.)"""
        try:
            value = await coroutine
        except BaseException as error:
            self.say(who, f"{name} {show_error(error)}")
            raise
        self.say(who, f"{name} {show(value)}")

    # A task.

    async def body(self, who):
        text = self.scenario.tasks[who]
        self.say(who, "start")
        value, error = await self.outcome(self.section(who, text.body))
        if text.cleanup is not None:
            self.say(who, "finally")
            _, replaced = await self.outcome(self.section(who, text.cleanup))
            error = replaced or error
        self.say(who, f"end {show_error(error) if error else show_ok(value)}")
        if error:
            raise error
        return value

    async def outcome(self, coroutine):
        try:
            return await coroutine, None
        except GeneratorExit:
            raise                                   # bury() is closing us: no cleanup
        except BaseException as error:
            return None, error

    async def section(self, who, stmts):
        for stmt in stmts:
            if stmt.op == "return":
                return stmt.args[0]
            await self.statement(who, stmt)
        return 0

    async def statement(self, who, stmt, depth=0):
        """The prefixes from `depth` on, around the op."""
        if depth == len(stmt.prefixes):
            await getattr(self, f"op_{stmt.op}")(who, stmt)
            return
        word, ms = stmt.prefixes[depth]
        rest = self.statement(who, stmt, depth + 1)
        if word == "within":
            await self.told(who, "within", self.in_time(ms, rest))
            return
        try:
            await rest
        except Exception:
            pass
        except CancelledError:
            if word != "tryc":
                raise

    async def in_time(self, ms, coroutine):
        async with asyncio.timeout(ms):
            await coroutine

    # The ops that wait.

    async def op_sleep(self, who, stmt):
        await self.told(who, "sleep", asyncio.sleep(stmt.args[0]))

    async def op_await(self, who, stmt):
        async def act():
            return await self.find(who, stmt.ids)[0]
        await self.told(who, f"await {stmt.ids[0]}", act())

    async def op_shield(self, who, stmt):
        async def act():
            return await asyncio.shield(self.find(who, stmt.ids)[0])
        await self.told(who, f"shield {stmt.ids[0]}", act())

    async def op_wait_for(self, who, stmt):
        async def act():
            return await asyncio.wait_for(self.find(who, stmt.ids)[0], stmt.args[0])
        await self.told(who, f"wait_for {stmt.ids[0]}", act())

    async def op_gather(self, who, stmt):
        async def act():
            return await asyncio.gather(*self.find(who, stmt.ids),
                                        return_exceptions=stmt.op == "gatherx")
        await self.told(who, stmt.op, act())

    op_gatherx = op_gather

    async def op_wait(self, who, stmt):
        mode, timeout = stmt.args

        async def act():
            return await wait(self.find(who, stmt.ids), return_when=RETURN_WHEN[mode],
                              timeout=None if timeout == "-" else timeout)

        def show(halves):
            ids = sorted(set(stmt.ids))
            done, pending = ([str(n) for n in ids if self.objects[n] in half] for half in halves)
            return f"ok done=[{','.join(done)}] pending=[{','.join(pending)}]"

        await self.told(who, "wait", act(), show)

    async def op_ascomp(self, who, stmt):
        timeout = None if stmt.args[0] == "-" else stmt.args[0]
        try:
            objects = self.find(who, stmt.ids)
        except RuntimeError as error:
            self.say(who, f"ascomp {show_error(error)}")
            raise
        for turn, awaitable in enumerate(as_completed(objects, timeout=timeout)):
            try:
                await self.told(who, f"ascomp #{turn}", awaitable)
            except Exception:
                pass
        self.say(who, "ascomp end")

    async def op_group(self, who, stmt):
        async def act():
            async with ordered_group() as group:
                self.groups.append(group)
                for number in stmt.ids:
                    self.spawn(who, number, group.create_task)
                if stmt.do:
                    await self.statement(who, stmt.do)
        await self.told(who, "group", act())

    # The ops that do not wait.

    async def op_spawn(self, who, stmt):
        self.spawn(who, stmt.ids[0], self.loop.create_task)

    async def op_let(self, who, stmt):
        number, combinator = stmt.args
        if number in self.objects:
            self.say(who, f"let {number} dup")
            return
        try:
            objects = self.find(who, stmt.ids)
        except RuntimeError as error:
            self.say(who, f"let {number} {show_error(error)}")
            raise
        if combinator == "shield":
            self.objects[number] = asyncio.shield(objects[0])
        else:
            self.objects[number] = asyncio.gather(*objects,
                                                  return_exceptions=combinator == "gatherx")
        self.say(who, f"let {number}")

    async def op_cancel(self, who, stmt):
        target = self.objects.get(stmt.ids[0])
        answer = "none" if target is None else str(target.cancel()).lower()
        self.say(who, f"cancel {stmt.ids[0]} {answer}")

    async def op_uncancel(self, who, stmt):
        task = self.objects[who]
        before = task.cancelling()
        self.say(who, f"uncancel {before} {task.uncancel()}")

    async def op_peek(self, who, stmt):
        target = self.objects.get(stmt.ids[0])
        answer = "none" if target is None else show_state(target)
        if target is not None and target.done():
            try:
                target.result()                     # marks it retrieved
            except (Exception, CancelledError):
                pass
        self.say(who, f"peek {stmt.ids[0]} {answer}")

    async def op_cb(self, who, stmt):
        number = stmt.ids[0]
        target = self.objects.get(number)
        if target is None:
            self.say(who, f"cb {number} none")
            return
        target.add_done_callback(lambda future: self.say(who, f"cb {number} called"))
        self.say(who, f"cb {number}")

    async def op_set(self, who, stmt):
        future, value = self.objects[stmt.ids[0]], stmt.args[0]
        try:
            future.set_result(value) if stmt.op == "set" else future.set_exception(Err(value))
            answer = "ok"
        except asyncio.InvalidStateError:
            answer = "invalid"
        self.say(who, f"{stmt.op} {stmt.ids[0]} {answer}")

    op_fail = op_set

    async def op_raise(self, who, stmt):
        self.say(who, f"raise {stmt.args[0]}")
        raise Err(stmt.args[0])

    async def op_log(self, who, stmt):
        self.say(who, f"log {stmt.args[0]}")


def run_scenario(scenario):
    """(the trace, did it deadlock)"""
    run = Run(scenario)
    try:
        trace = run.trace()
    except RecursionError:
        trace = "RecursionError"
    if "RecursionError" in trace:
        raise BadScenario("tasks await each other in a circle, where cancel() recurs for ever")
    return trace, run.deadlocked


def asyncio_trace(scenario):
    return run_scenario(scenario)[0]


def deadlocks(scenario):
    return run_scenario(scenario)[1]


# --- 4. The generator -----------------------------------------------------------------------------

# Even seeds draw from few times, so that many things happen in one instant; odd seeds never
# repeat a time, so that nothing ties but what the scenario makes tie.
TIED_TIMES = (10, 10, 20, 20, 30, 30, 40, 50, 60, 80, 100)
DISTINCT_TIMES = range(101, 2000)
FIRST_LET, FIRST_FUT = 30, 60
ATTEMPTS = 1000


class Generator:
    """A random scenario.  Tasks wait only on higher ids, futs and their own lets, so that no
    await can close a circle; every task but main has one parent that uses it."""

    def __init__(self, seed, attempt=0):
        self.random = random.Random(seed * ATTEMPTS + attempt)
        self.tied = seed % 2 == 0
        self.times = list(DISTINCT_TIMES)
        self.random.shuffle(self.times)
        self.next_let = FIRST_LET
        count = self.random.choice((2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9))
        self.ids = list(range(count))
        self.futs = [FIRST_FUT + n for n in range(self.random.choice((0, 0, 0, 1, 1, 2)))]
        self.parents = {n: self.random.randrange(max(0, n - 4), n) for n in self.ids[1:]}
        # Half of the parents are main: deep chains are rarer in life than wide ones.
        for number in self.parents:
            if self.chance(0.4):
                self.parents[number] = 0
        self.own_lets = {number: [] for number in self.ids}

    # Small choices.

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, weights):
        """A key of {choice: weight}."""
        return self.random.choices(list(weights), list(weights.values()))[0]

    def ms(self):
        if self.chance(0.06):
            return self.random.choice((0, 0, -5))
        return self.random.choice(TIED_TIMES) if self.tied else self.times.pop()

    def tmo(self):
        return "-" if self.chance(0.45) else self.ms()

    def children(self, who):
        return [number for number, parent in self.parents.items() if parent == who]

    def waitable(self, who):
        """One id that `who` may wait for, or None."""
        later = self.ids[who + 1:]
        pool = later + self.futs + self.own_lets[who] * 2
        return self.random.choice(pool) if pool else None

    def target(self, who):
        """Whom to cancel, peek at or follow: anybody.  Main less than others, for with main the
        story is over."""
        kind = self.pick({"task": 10, "parent": 3, "child": 4, "self": 1, "fut": 2, "let": 3})
        pools = {"parent": [self.parents.get(who, 0)], "child": self.children(who), "self": [who],
                 "fut": self.futs, "let": list(range(FIRST_LET, self.next_let))}
        chosen = self.random.choice(pools.get(kind) or self.ids)
        return self.random.choice(self.ids) if chosen == 0 and self.chance(0.6) else chosen

    # Statements.

    def prefixes(self, who, stmt, safe=0.5):
        """Put prefixes before a statement; `safe` of them begin with one that swallows."""
        chosen = []
        if who == 0:
            safe = (safe + 2) / 3                   # main had better survive
        if self.chance(safe):
            chosen.append(self.pick({"try": 2, "tryc": 2 if who == 0 else 1}))
        if self.chance(0.22):
            chosen.append("within")
            if self.chance(0.15):
                chosen.append(self.pick({"within": 2, "try": 1, "tryc": 2}))
        stmt.prefixes = [(word, self.ms() if word == "within" else None) for word in chosen]
        return stmt

    def waiting(self, who, ids, safe=0.6):
        """One statement that waits for all the ids."""
        many = {"gather": 5, "gatherx": 4, "wait": 5, "ascomp": 5}
        one = {"await": 5, "shield": 4, "wait_for": 6}
        op = self.pick({**one, **{word: 1.5 for word in many}} if len(ids) == 1 else many)
        args = {"wait_for": lambda: [0 if self.chance(0.06) else self.ms()],
                "ascomp": lambda: [self.tmo()],
                "wait": lambda: [self.pick({"all": 2, "first": 2, "exc": 3}), self.tmo()]}
        ids = ids[:]
        if op in many and self.chance(0.12):
            ids.append(self.random.choice(ids))
        return self.prefixes(who, Stmt(op, args.get(op, list)(), ids), safe)

    def use(self, who, ids):
        """Statements by which a parent uses its children `ids`."""
        way = self.pick({"wait": 7, "group": 4, "let": 3, "spawn": 5})
        if way == "wait":
            more = self.again(who, ids) if self.chance(0.3) else []
            return [self.waiting(who, ids)] + more
        if way == "group":
            return [self.group(who, ids)]
        if way == "let":
            return self.let(who, ids)
        spawns = [Stmt("spawn", [], [number]) for number in ids]
        again = self.again(who, ids) if self.chance(0.6) else []
        return spawns + ([self.sleep(who)] if self.chance(0.4) else []) + again

    def again(self, who, ids):
        """Something more about tasks that run already, or are over."""
        number = self.random.choice(ids)
        kind = self.pick({"all": 4, "one": 3, "cancel": 3, "peek": 3, "cb": 2})
        if kind == "all":
            extra = [self.waitable(who)] if self.chance(0.4) else []
            return [self.waiting(who, ids + extra)]
        return [self.waiting(who, [number]) if kind == "one" else Stmt(kind, [], [number])]

    def group(self, who, ids, depth=0):
        stmt = Stmt("group", [], ids)
        if self.chance(0.7):
            stmt.do = self.group_body(who, ids, depth)
        if depth:                                   # an inner failure should reach the outer group
            return stmt if self.chance(0.7) else self.prefixes(who, stmt)
        return self.prefixes(who, stmt, 0.6)

    def group_body(self, who, ids, depth):
        kind = self.pick({"sleep": 4, "wait": 4, "raise": 1.5, "group": 3, "cancel": 1.5})
        if kind == "wait":
            number = self.random.choice(ids) if ids and self.chance(0.6) else self.waitable(who)
            if number is not None:
                return self.waiting(who, [number], 0.3)
        if kind == "raise":
            return Stmt("raise", [300 + who])
        if kind == "group" and depth < 2:
            inner = [n for n in self.children(who) if n not in ids] if self.chance(0.7) else []
            return self.group(who, inner[:2], depth + 1)
        if kind == "cancel":
            return Stmt("cancel", [], [self.random.choice(ids + [who])])
        return self.sleep(who)

    def let(self, who, ids):
        number, self.next_let = self.next_let, self.next_let + 1
        combinator = self.pick({"gather": 2, "gatherx": 2, "shield": 3 if len(ids) == 1 else 0})
        stmts = [Stmt("let", [number, combinator], ids[:])]
        for _ in range(self.pick({1: 3, 2: 3, 3: 1})):
            kind = self.pick({"wait": 7, "cancel": 2, "cb": 1, "peek": 1, "sleep": 2})
            if kind == "wait":
                stmts.append(self.waiting(who, [number]))
            else:
                stmts.append(self.sleep(who) if kind == "sleep" else Stmt(kind, [], [number]))
        self.own_lets[who].append(number)
        return stmts

    def sleep(self, who):
        stmt = Stmt("sleep", [self.ms()])
        return self.prefixes(who, stmt) if self.chance(0.7 if who == 0 else 0.3) else stmt

    def hops(self):
        """A few yields, to reach any moment inside one instant."""
        return [Stmt("sleep", [0]) for _ in range(self.random.randrange(4))]

    def attack(self, who):
        """Cancel somebody after a while, perhaps twice."""
        victim = self.target(who)
        stmts = [Stmt("sleep", [self.ms()])] + self.hops() + [Stmt("cancel", [], [victim])]
        if self.chance(0.35):
            pause = [Stmt("sleep", [self.ms()])] if self.chance(0.5) else self.hops()
            stmts += pause + [Stmt("cancel", [], [victim])]
        return stmts

    def finish_fut(self, who):
        if not self.futs:
            return []
        op = self.pick({"set": 3, "fail": 1})
        stmts = [Stmt(op, [1000 + who], [self.random.choice(self.futs)])]
        return ([self.sleep(who)] if self.chance(0.5) else []) + stmts

    def filler(self, who):
        """Statements that any task may contain."""
        kind = self.pick({"sleep": 9, "wait": 5, "attack": 3, "look": 3, "fut": 2, "self": 1})
        if kind == "wait":
            number = self.waitable(who)
            return [self.sleep(who) if number is None else self.waiting(who, [number])]
        if kind == "attack":
            return self.attack(who)
        if kind == "look":
            op = self.pick({"peek": 3, "cb": 3, "cancel": 3, "log": 1, "uncancel": 1})
            args = [f"x{who}"] if op == "log" else []
            return [Stmt(op, args, [] if op in ("log", "uncancel") else [self.target(who)])]
        if kind == "fut":
            return self.finish_fut(who)
        if kind == "self":
            return [Stmt("cancel", [], [who])] + ([self.sleep(who)] if self.chance(0.6) else [])
        return [self.sleep(who)]

    # Tasks.

    def parts(self, who):
        """The children of a task in random handfuls, each for one statement."""
        children, handfuls = self.children(who), []
        self.random.shuffle(children)
        while children:
            size = min(len(children), self.pick({1: 4, 2: 4, 3: 2, 4: 1}))
            handfuls.append(children[:size])
            children = children[size:]
        return handfuls

    def ending(self, who):
        kind = self.pick({"return": 8, "raise": 4, "fall": 2, "shot": 2})
        if kind == "shot" and who:
            # The last act is to cancel the one who waits: its wake-up meets our result (WF06).
            return [Stmt("cancel", [], [self.parents[who]]), Stmt("return", [100 + who])]
        return {"return": [Stmt("return", [100 + who])], "raise": [Stmt("raise", [who])]}.get(
            kind, [])

    def body(self, who):
        blocks = [self.use(who, handful) for handful in self.parts(who)]
        fillers = self.pick({0: 3, 1: 4, 2: 3, 3: 1} if blocks else {1: 4, 2: 4, 3: 2})
        for _ in range(fillers):
            blocks.insert(self.random.randrange(len(blocks) + 1), self.filler(who))
        body = [stmt for block in blocks for stmt in block]
        if who == 0 and self.chance(0.5):
            body.append(self.patience())
        return body + self.ending(who)

    def patience(self):
        """Main often stays, else the shutdown would cut most stories short."""
        if len(self.ids) > 1 and self.chance(0.3):
            return Stmt("wait", ["all", "-"], self.ids[1:], [("tryc", None)])
        return Stmt("sleep", [self.random.choice((150, 300) if self.tied else (2501, 4003))])

    def cleanup(self, who):
        stmts = []
        for _ in range(self.pick({1: 5, 2: 4, 3: 1})):
            kind = self.pick({"sleep": 8, "log": 3, "any": 4, "raise": 2, "uncancel": 1})
            if kind == "any":
                stmts += self.filler(who)
            else:
                args = {"log": [f"c{who}"], "raise": [200 + who]}
                stmts.append(self.sleep(who) if kind == "sleep" else Stmt(kind, args.get(kind, [])))
        return stmts

    def scenario(self):
        tasks = {who: TaskText(self.body(who)) for who in self.ids}
        for who, task in tasks.items():
            if self.chance(0.1 if who == 0 else 0.35):
                task.cleanup = self.cleanup(who)
        return Scenario(self.futs, tasks)


def generate(seed, allow_deadlock=False):
    """The scenario of a seed.  If it would hang, the next attempt of that seed is taken."""
    for attempt in range(ATTEMPTS):
        scenario = Generator(seed, attempt).scenario()
        validate(scenario)
        scenario.comment = f"seed {seed}" + (f", attempt {attempt}" if attempt else "")
        if allow_deadlock or not deadlocks(scenario):
            return scenario
    raise AssertionError(f"every attempt of seed {seed} hangs")


# --- 5. The lab's process -------------------------------------------------------------------------

FIRST_LINE = "0 * spawn 0"          # every trace begins with it, and no other line is the same
SANITIZER = re.compile(r"runtime error:|Sanitizer")


@dataclass
class Failure:
    """What is wrong with the lab's answer to one scenario.  kind: differs, crash or hang."""
    kind: str
    what: str
    trace: str = ""
    alone: bool = True              # it happens with this scenario alone in the process


def limits():
    """In the child: a program that prints for ever gets SIGXFSZ, one that dies leaves no core."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Lab:
    """The C program.  Starting it is dear beside running a scenario, so it gets many at a time;
    only if something is wrong with the lot are they run one by one."""

    def __init__(self, binary, hang_seconds=10):
        self.binary = binary
        self.hang_seconds = hang_seconds

    def run(self, paths):
        """(output, None), or (output so far, the Failure of the process)."""
        command = [self.binary, *map(str, paths)]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                        timeout=self.hang_seconds, preexec_fn=limits).returncode
            except subprocess.TimeoutExpired:
                status = None
            text, complaint = self.content(out), self.content(err).strip()
        if status == 0 and not SANITIZER.search(complaint):
            return text, None
        if status is None:
            return text, Failure("hang", f"no end after {self.hang_seconds} s", text)
        what = f"exit {status}"
        if status < 0:
            what = f"killed by {signal.Signals(-status).name}"
        return text, Failure("crash", f"{what}\n{complaint}".strip(), text)

    @staticmethod
    def content(file):
        file.seek(0)
        # Bytes that are not UTF-8 become visible and stay different from any right answer.
        return file.read().decode("utf-8", "backslashreplace")

    def one(self, path, expected):
        """The Failure of one scenario, or None."""
        text, failure = self.run([path])
        if failure is None and text != expected:
            failure = Failure("differs", "the traces differ", text)
        return failure

    def first_failure(self, cases):
        """The first of [(path, expected trace)] that fails: (its index, Failure), or None."""
        text, failure = self.run([path for path, _ in cases])
        if failure is None and text == "".join(expected for _, expected in cases):
            return None
        traces = self.split(text)
        # The end of a healthy process tells which scenario to look at; else try each of them.
        suspects = range(len(cases))
        if failure is None and len(traces) == len(cases):
            suspects = [n for n in suspects if traces[n] != cases[n][1]][:1]
        for index in suspects:
            alone = self.one(*cases[index])
            if alone:
                return index, alone
        index = min(suspects[0], len(traces) - 1) if failure is None else 0
        failure = failure or Failure("differs", "the traces differ", traces[index])
        failure.alone = False
        return index, failure

    @staticmethod
    def split(text):
        """The traces in a text; what stands before the first counts as one, too."""
        starts = [m.start() for m in re.finditer(f"^{re.escape(FIRST_LINE)}$", text, re.M)]
        bounds = sorted({0, *starts, len(text)})
        return [text[a:b] for a, b in zip(bounds, bounds[1:])] or [""]


# --- 6. The comparison ----------------------------------------------------------------------------

CHUNK = 100                         # scenarios for one process of the lab


@dataclass
class Case:
    """A scenario to compare, where it comes from, and what asyncio says."""
    name: str
    argument: str                   # what names it on mirror.py's command line
    scenario: Scenario
    expected: str = ""
    path: str | None = None         # the user's own file, given to the lab as it is
    together: str = ""              # names the whole chunk on the command line

    def run_asyncio(self):
        self.expected = asyncio_trace(self.scenario)
        return self


def seed_cases(first, count, allow_deadlock):
    flag = " --allow-deadlock" if allow_deadlock else ""
    return [Case(f"seed {seed}", f"--seeds {seed} 1{flag}", generate(seed, allow_deadlock),
                 together=f"--seeds {first} {count}{flag}")
            for seed in range(first, first + count)]


def file_cases(paths):
    return [Case(path, shlex.quote(path), read_scenario(path), path=path,
                 together=shlex.join(paths)) for path in paths]


def find_failure(lab, cases):
    """Write the scenarios to files, run both sides: (Case, Failure) of the first, or None."""
    with tempfile.TemporaryDirectory(prefix="mirror-") as folder:
        pairs = []
        for number, case in enumerate(cases):
            path = case.path or pathlib.Path(folder, f"{number:03}.scn")
            if not case.path:
                path.write_text(format_scenario(case.scenario))
            pairs.append((path, case.run_asyncio().expected))
        found = lab.first_failure(pairs)
    return found and (cases[found[0]], found[1])


def compare_chunk(work):
    """One chunk, in a worker process."""
    binary, make_cases, args = work
    return find_failure(Lab(binary), make_cases(*args))


class Worker:
    """A process that compares some of the chunks, one after another, and reports each.  It leads
    a process group, so that ending it ends the lab's program with it, were that hanging."""

    def __init__(self, works):
        context = multiprocessing.get_context("fork")
        self.answers, pipe = context.Pipe(duplex=False)
        self.process = context.Process(target=self.work, args=(works, pipe))
        self.process.start()
        with contextlib.suppress(OSError):          # it may have ended already
            os.setpgid(self.process.pid, self.process.pid)
        pipe.close()                                # else its death would not end recv()

    @staticmethod
    def work(works, pipe):
        for work in works:
            pipe.send(compare_chunk(work))

    def kill(self):
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()


def first_of_all(works, jobs):
    """The first failure in the order of the chunks, whatever the number of jobs."""
    if jobs == 1 or len(works) == 1:
        return next(filter(None, map(compare_chunk, works)), None)
    workers = []
    try:
        for n in range(jobs):
            workers.append(Worker(works[n::jobs]))
        answers = (workers[n % jobs].answers.recv() for n in range(len(works)))
        return next(filter(None, answers), None)
    finally:
        for worker in workers:
            worker.kill()


def side_by_side(expected, got, before=5, after=8):
    """Both traces around the first line that differs."""
    left, right = expected.splitlines(), got.splitlines()
    pairs = list(itertools.zip_longest(left, right, fillvalue="(nothing)"))
    first = next((n for n, (a, b) in enumerate(pairs) if a != b), len(pairs))
    shown = pairs[max(0, first - before):first + after]
    width = max([len(a) for a, _ in shown] + [len("asyncio:")]) + 4
    lines = [f"     {'asyncio:':{width}}lab:"]
    for number, (a, b) in enumerate(shown, max(0, first - before)):
        mark = ">" if number == first else "!" if a != b else " "
        lines.append(f"{mark}{number + 1:3} {a:{width}}{b}".rstrip())
    return "\n".join(lines)


def report(case, failure, binary, shrink_seconds):
    """Tell about one failure, shrunk."""
    size = sum(1 for _ in case.scenario.statements())
    argument = case.argument if failure.alone else case.together
    print(f"{case.name}: {failure.what}")
    if failure.alone:
        case, failure, tries = Shrinker(binary, failure.kind, shrink_seconds).shrink(case, failure)
        now = sum(1 for _ in case.scenario.statements())
        print(f"shrunk from {size} statements to {now} ({tries} tries)\n")
        print(format_scenario(case.scenario))
        if failure.kind != "differs":
            print(failure.what + "\n")
    else:
        print("alone it passes: it fails only after other scenarios in the same process\n")
    if failure.trace:
        print(side_by_side(case.expected, failure.trace))
    else:
        print("the lab printed nothing")
    program = shlex.join([sys.executable, os.path.relpath(__file__)])
    print(f"\nreproduce: {program} compare --scenario {shlex.quote(binary)} {argument}")


# --- 7. The shrinker ------------------------------------------------------------------------------

class Shrinker:
    """Delta debugging: take something away; if it still fails in the same way, keep it so."""

    BATCH = 8                       # candidates per process of the lab

    def __init__(self, binary, kind, seconds):
        self.lab = Lab(binary, hang_seconds=2)
        self.kind = kind
        self.deadline = time.monotonic() + seconds
        self.tries = 0

    def shrink(self, case, failure):
        """(the smallest Case found, its Failure, how many were tried)"""
        self.may_hang = deadlocks(case.scenario)
        progress = True
        while progress:
            progress = False
            for reduction in REDUCTIONS:
                found = self.exhaust(reduction, case)
                if found:
                    (case, failure), progress = found, True
        return case, failure, self.tries

    def exhaust(self, reduction, case):
        """Apply one kind of reduction as long as it helps."""
        best = None
        while found := self.step(reduction, case):
            case, best = found[0], found
        return best

    def step(self, reduction, case):
        seen = {format_scenario(case.scenario)}
        fresh = (smaller for smaller in reduction(case.scenario) if self.useful(smaller, seen))
        while batch := list(itertools.islice(fresh, self.BATCH)):
            if time.monotonic() > self.deadline:
                return None
            self.tries += len(batch)
            cases = [Case(case.name, case.argument, smaller) for smaller in batch]
            while cases:
                found = find_failure(self.lab, cases)
                if found and found[1].kind == self.kind and found[1].alone:
                    return found
                # Another kind of failure hides the rest of the batch: go on behind it.
                cases = cases[cases.index(found[0]) + 1:] if found else []
        return None

    def useful(self, scenario, seen):
        text = format_scenario(scenario)
        if text in seen:
            return False
        seen.add(text)
        try:
            validate(scenario)
            return not deadlocks(scenario) or self.may_hang
        except BadScenario:
            return False


def without_ids(scenario, gone):
    """Drop the definitions of these ids and everything that names them."""
    smaller = scenario.copy()
    smaller.futs = [number for number in smaller.futs if number not in gone]
    for number in gone:
        smaller.tasks.pop(number, None)
    for task in smaller.tasks.values():
        for section in task.sections():
            section[:] = [stmt for stmt in section if strip_ids(stmt, gone)]
    return smaller


def strip_ids(stmt, gone):
    """Take ids out of a statement; False if nothing sensible is left of it."""
    if stmt.do and not strip_ids(stmt.do, gone):
        stmt.do = None
    if stmt.op == "let" and stmt.args[0] in gone:
        return False
    had = len(stmt.ids)
    stmt.ids = [number for number in stmt.ids if number not in gone]
    return stmt.op == "group" or had == 0 or bool(stmt.ids)


def drop_ids(scenario):
    for number in [*sorted(scenario.tasks)[1:], *scenario.futs, *sorted(scenario.lets())]:
        yield without_ids(scenario, {number})


def section_names(scenario):
    for number, task in scenario.tasks.items():
        yield number, "body"
        if task.cleanup is not None:
            yield number, "cleanup"


def drop_cleanups(scenario):
    for number, name in section_names(scenario):
        if name == "cleanup":
            smaller = scenario.copy()
            smaller.tasks[number].cleanup = None
            yield smaller


def drop_statements(scenario):
    """Runs of statements, long ones first."""
    for number, name in section_names(scenario):
        length = size = len(getattr(scenario.tasks[number], name))
        while size:
            for start in range(0, length, size):
                smaller = scenario.copy()
                del getattr(smaller.tasks[number], name)[start:start + size]
                yield smaller
            size //= 2


def edit_statements(edit):
    """A reduction that yields what `edit` can make of each statement.  edit(stmt) generates
    functions that change a copy of the statement in place."""
    def reduction(scenario):
        for place, stmt in enumerate(scenario.statements()):
            for change in edit(stmt):
                smaller = scenario.copy()
                change(next(itertools.islice(smaller.statements(), place, None)))
                yield smaller
    return reduction


def drop_prefixes(stmt):
    for place in range(len(stmt.prefixes)):
        yield lambda copy, place=place: copy.prefixes.pop(place)


def drop_arguments(stmt):
    if stmt.do:
        yield lambda copy: setattr(copy, "do", None)
    for place in range(len(stmt.ids)):
        if len(stmt.ids) > 1 or stmt.op == "group":
            yield lambda copy, place=place: copy.ids.pop(place)


def simplify_ops(stmt):
    """A simpler op in the same place: what a group does alone, sleep or await for the rest."""
    def become(other):
        def change(copy):
            copy.op, copy.args, copy.ids, copy.do = other.op, other.args, other.ids, other.do
            copy.prefixes = copy.prefixes + other.prefixes
        return change

    if stmt.op == "group" and stmt.do:
        yield become(stmt.do.copy())
    if stmt.op in ("wait_for", "shield", "gather", "gatherx", "wait", "ascomp"):
        yield become(Stmt("await", [], stmt.ids[:1]))
    if stmt.op == "gatherx":
        yield become(Stmt("gather", [], stmt.ids[:]))


def reduce_numbers(stmt):
    """Smaller times and values, the bold steps first."""
    def smaller_than(number):
        tries = (0, 1, 10, number // 2, number // 10 * 10)
        return [n for n in dict.fromkeys(tries) if abs(n) < abs(number)]

    for place, value in enumerate(stmt.args):
        for less in smaller_than(value) if isinstance(value, int) and stmt.op != "let" else ():
            yield lambda copy, place=place, less=less: copy.args.__setitem__(place, less)
    for place, (word, ms) in enumerate(stmt.prefixes):
        for less in smaller_than(ms or 0):
            yield lambda copy, place=place, word=word, less=less: (
                copy.prefixes.__setitem__(place, (word, less)))


def renumber_tasks(scenario):
    """Tasks 0, 1, 2.. in the same order."""
    new = {old: number for number, old in enumerate(sorted(scenario.tasks))}
    if set(new.values()) & (scenario.lets() | set(scenario.futs)):
        return
    smaller = scenario.copy()
    smaller.tasks = {new[old]: task for old, task in smaller.tasks.items()}
    for stmt in smaller.statements():
        stmt.ids = [new.get(number, number) for number in stmt.ids]
    yield smaller


REDUCTIONS = (drop_ids, drop_cleanups, drop_statements, *map(edit_statements, (
    drop_prefixes, drop_arguments, simplify_ops, reduce_numbers)), renumber_tasks)


# --- 8. The commands ------------------------------------------------------------------------------

class Bad(Exception):
    """Bad input: one line for the user, exit 2."""


def read_text(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Bad(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Bad(f"{path}: not UTF-8 at byte {error.start}") from None


def read_scenario(path):
    try:
        return parse(read_text(path))
    except BadScenario as error:
        place = path if error.line is None else f"{path}:{error.line}"
        raise Bad(f"{place}: {error}") from None


def trace_file(path):
    scenario = read_scenario(path)
    try:
        return asyncio_trace(scenario)
    except BadScenario as error:
        raise Bad(f"{path}: {error}") from None


def command_run(options):
    # All files are run before the first is printed: a bad one prints no half answer.
    sys.stdout.write("".join([trace_file(path) for path in options.files]))
    return 0


def command_generate(options):
    sys.stdout.write(format_scenario(generate(options.seed, options.allow_deadlock)))
    return 0


def command_compare(options):
    if options.files and options.seeds:
        raise Bad("give files or --seeds, not both")
    if not os.access(options.scenario, os.X_OK) or os.path.isdir(options.scenario):
        raise Bad(f"{options.scenario}: not a program")
    binary = os.path.abspath(options.scenario)
    if options.files:
        for path in options.files:
            trace_file(path)                        # bad input is told before anything runs
        works = [(binary, file_cases, (options.files[n:n + CHUNK],))
                 for n in range(0, len(options.files), CHUNK)]
        agreed = f"scenarios that agree: {len(options.files)}"
    else:
        first, count = options.seeds or (0, 1000)
        end = first + count
        works = [(binary, seed_cases, (n, min(CHUNK, end - n), options.allow_deadlock))
                 for n in range(first, end, CHUNK)]
        agreed = f"scenarios that agree: {count} (seeds {first}..{end - 1})"
    with temporary_files_below_one_folder():
        found = first_of_all(works, options.jobs)
        if found:
            report(*found, options.scenario, options.shrink_seconds)
            return EXIT_DIFFERENT
    print(agreed)
    return 0


@contextlib.contextmanager
def temporary_files_below_one_folder():
    """So that a worker that is killed leaves nothing behind, nor do we when told to end."""
    def end(number, frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    with tempfile.TemporaryDirectory(prefix="mirror-") as tempfile.tempdir:
        yield
    tempfile.tempdir = None


def command_check(options):
    count = 0
    for folder in options.dirs:
        paths = sorted(pathlib.Path(folder).glob("*.scn"))
        if not paths:
            raise Bad(f"{folder}: no .scn file there")
        for path in paths:
            committed = read_text(path.with_suffix(".trace"))
            trace = trace_file(str(path))
            if trace != committed:
                print(f"{path.with_suffix('.trace')}: not what CPython prints\n")
                # Here the right-hand side is the file, not the lab.
                print(side_by_side(trace, committed).replace("lab:", "file:", 1))
                return EXIT_DIFFERENT
            count += 1
    print(f"{count} traces are CPython {sys.version.split()[0]}'s")
    return 0


def natural(text, least=0):
    if not re.fullmatch("[0-9]+", text) or int(text) < least:
        raise argparse.ArgumentTypeError(f"'{text}' is not an integer >= {least}")
    return int(text)


def positive(text):
    return natural(text, 1)


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="mirror.py", description="Run scenarios on real asyncio, and hold the lab beside it.",
        epilog="exit codes: 0 agree, 1 differ, 2 bad usage or input, 77 not the reference Python")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="print the trace of each file, one after another")
    run.add_argument("files", nargs="+", metavar="FILE")
    run.set_defaults(act=command_run)

    make = commands.add_parser("generate", help="print a random scenario")
    make.add_argument("--seed", type=natural, required=True, metavar="N",
                      help="even: full of ties; odd: distinct times")
    make.set_defaults(act=command_generate)

    compare = commands.add_parser(
        "compare", help="compare the lab with asyncio, byte for byte",
        description="Compare the lab with asyncio, byte for byte, on random scenarios or on "
                    "files. The first difference is shrunk and shown.")
    compare.add_argument("files", nargs="*", metavar="FILE", help="scenarios instead of seeds")
    compare.add_argument("--scenario", required=True, metavar="BINARY",
                         help="the lab's program: it prints the traces of the files it is given")
    compare.add_argument("--seeds", type=natural, nargs=2, metavar=("FIRST", "COUNT"),
                         help="random scenarios (default: 0 1000)")
    compare.add_argument("--jobs", type=positive, default=min(2, os.cpu_count() or 1),
                         metavar="N", help="processes (default: %(default)s)")
    compare.add_argument("--shrink-seconds", type=natural, default=20, metavar="S",
                         help="how long to shrink a difference (default: %(default)s)")
    compare.set_defaults(act=command_compare)

    for sub in (make, compare):
        sub.add_argument("--allow-deadlock", action="store_true",
                         help="keep scenarios that hang (default: take the seed's next attempt)")

    check = commands.add_parser("check", help="are the traces in a directory really CPython's?")
    check.add_argument("dirs", nargs="+", metavar="DIR", help="X.scn with X.trace beside it")
    check.set_defaults(act=command_check)

    options = parser.parse_args(arguments)
    if options.command == "compare" and options.seeds and options.seeds[1] == 0:
        compare.error("--seeds: COUNT is 0")
    return options


def main(arguments=None):
    options = parse_options(arguments)
    problem = reference_problem()
    if problem:
        print(f"mirror.py: skipped: Python {sys.version.split()[0]}: {problem}", file=sys.stderr)
        return EXIT_SKIPPED
    logging.getLogger("asyncio").disabled = True
    try:
        return options.act(options)
    except Bad as error:
        print(f"mirror.py: {error}", file=sys.stderr)
        return EXIT_USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
