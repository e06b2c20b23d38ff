"""timeout.py - asyncio.timeout out of a timer and a count, beside its own.

A scope of 0.2 s around each body must end the same way with both.
"""
import asyncio


class timeout:
    def __init__(self, delay):
        self.delay = delay
        self.expired = False

    async def __aenter__(self):
        self.task = asyncio.current_task()
        self.base = self.task.cancelling()
        self.timer = asyncio.get_running_loop().call_later(self.delay,
                                                           self.fire)

    def fire(self):
        self.task.cancel()
        self.expired = True

    async def __aexit__(self, kind, error, traceback):
        self.timer.cancel()
        if (self.expired and self.task.uncancel() <= self.base
                and kind is asyncio.CancelledError):
            raise TimeoutError from error


async def quick():
    await asyncio.sleep(.1)


async def slow():
    await asyncio.sleep(1)


async def swallows():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        pass


async def fails():
    try:
        await asyncio.sleep(1)
    finally:
        raise ValueError("in the cleanup")


async def within(scope, body):
    async with scope(.2):
        await body()


async def outcome(scope, body, cancel_after=None):
    task = asyncio.create_task(within(scope, body))
    if cancel_after is not None:
        await asyncio.sleep(cancel_after)
        task.cancel()
    done, _ = await asyncio.wait([task])
    if task.cancelled():
        return "CancelledError"
    error = task.exception()
    return "done" if error is None else type(error).__name__


async def main():
    for title, expected, how in (
            ("quick", "done", (quick,)),
            ("slow", "TimeoutError", (slow,)),
            ("cancelled by another", "CancelledError", (slow, .1)),
            ("swallows", "done", (swallows,)),
            ("fails", "ValueError", (fails,))):
        ours, theirs = await asyncio.gather(outcome(timeout, *how),
                                            outcome(asyncio.timeout, *how))
        print(f"{title:20} ours {ours}, asyncio's {theirs}")
        assert ours == theirs == expected


asyncio.run(main())
