"""task_group.py - asyncio.TaskGroup out of tasks and callbacks, beside
asyncio's own.

A is done at 1, B ends or fails at 2, C would be done at 9 and needs 1 to
clean up (tenths of a second here). Both groups must tell the same story.
"""
import asyncio


class TaskGroup:
    async def __aenter__(self):
        self.parent = asyncio.current_task()
        self.unfinished, self.errors = set(), []
        self.aborting = self.asked = False
        self.all_done = None
        return self

    def create_task(self, coro):
        task = asyncio.create_task(coro)
        self.unfinished.add(task)
        task.add_done_callback(self.child_done)
        return task

    def abort(self):
        self.aborting = True
        for task in self.unfinished:
            task.cancel()

    def child_done(self, task):
        self.unfinished.discard(task)
        if self.all_done and not self.unfinished and not self.all_done.done():
            self.all_done.set_result(None)
        if task.cancelled() or task.exception() is None:
            return
        self.errors.append(task.exception())
        if self.aborting or self.asked:
            return
        self.abort()
        self.asked = True
        self.parent.cancel()

    async def __aexit__(self, kind, error, trace):
        cancelled = error if kind is asyncio.CancelledError else None
        if self.asked and self.parent.uncancel() == 0:
            cancelled = None    # it was ourselves who asked
        if error is not None and not self.aborting:
            self.abort()
        while self.unfinished:
            self.all_done = asyncio.get_running_loop().create_future()
            try:
                await self.all_done
            except asyncio.CancelledError as request:
                if not self.aborting:
                    cancelled = request
                    self.abort()
        if cancelled and not self.errors:
            raise cancelled
        if error is not None and kind is not asyncio.CancelledError:
            self.errors.append(error)
        if self.errors:
            raise BaseExceptionGroup("unhandled errors in a TaskGroup",
                                     self.errors) from None


async def child(log, name, delay, fails=False):
    try:
        await asyncio.sleep(delay / 10)
    except asyncio.CancelledError:
        log.append(f"{name} cancelled")
        await asyncio.sleep(.1)
        log.append(f"{name} cleaned up")
        raise
    log.append(f"{name} {'fails' if fails else 'ends'}")
    if fails:
        raise ValueError(name)


async def story(Group, scene):
    log = []
    try:
        async with Group() as group:
            group.create_task(child(log, "A", 1))
            group.create_task(child(log, "B", 2, fails=scene == "fails"))
            group.create_task(child(log, "C", 9))
            if scene == "body":
                await asyncio.sleep(.4)
                raise KeyError("body")
            if scene == "cancel":
                loop = asyncio.get_running_loop()
                loop.call_later(.4, asyncio.current_task().cancel)
    except* (ValueError, KeyError) as errors:
        log.append(repr(errors))
    except* asyncio.CancelledError:
        log.append("CancelledError")
    return log


async def main():
    for scene in ("fails", "body", "cancel"):
        ours, theirs = await asyncio.gather(
            asyncio.create_task(story(TaskGroup, scene)),
            asyncio.create_task(story(asyncio.TaskGroup, scene)))
        print(f"{scene}: " + ", ".join(ours))
        assert ours == theirs, theirs


asyncio.run(main())
