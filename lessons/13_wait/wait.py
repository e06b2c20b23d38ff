"""wait.py - asyncio.wait out of futures and callbacks, beside asyncio's own.

The scenario tells the modes apart: A is done at 1, B fails at 2, C is done
at 3 (tenths of a second here). Both waits must say the same of it.
"""
import asyncio

ALL_COMPLETED = asyncio.ALL_COMPLETED
FIRST_COMPLETED = asyncio.FIRST_COMPLETED
FIRST_EXCEPTION = asyncio.FIRST_EXCEPTION


async def wait(futures, *, timeout=None, return_when=ALL_COMPLETED):
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()
    left = len(futures)

    def release():
        if not waiter.done():
            waiter.set_result(None)

    def child_done(child):
        nonlocal left
        left -= 1
        if (left == 0 or return_when == FIRST_COMPLETED
                or (return_when == FIRST_EXCEPTION and not child.cancelled()
                    and child.exception() is not None)):
            release()

    timer = loop.call_later(timeout, release) if timeout is not None else None
    for future in futures:
        future.add_done_callback(child_done)
    try:
        await waiter
    finally:                    # cancelled or not: nobody calls us any more
        if timer is not None:
            timer.cancel()
        for future in futures:
            future.remove_done_callback(child_done)
    return ([f for f in futures if f.done()],
            [f for f in futures if not f.done()])


async def child(delay, fails=False):
    await asyncio.sleep(delay / 10)
    if fails:
        raise ValueError("told to fail")


async def count(waits, **how):
    tasks = [asyncio.create_task(child(1)),
             asyncio.create_task(child(2, fails=True)),
             asyncio.create_task(child(3))]
    done, pending = await waits(tasks, **how)
    for task in pending:
        task.cancel()           # a request ...
    await asyncio.gather(*tasks, return_exceptions=True)    # ... their end
    return f"{len(done)}/{len(pending)}"


async def main():
    for title, expected, how in (
            ("ALL_COMPLETED", "3/0", dict(return_when=ALL_COMPLETED)),
            ("FIRST_EXCEPTION", "2/1", dict(return_when=FIRST_EXCEPTION)),
            ("FIRST_COMPLETED", "1/2", dict(return_when=FIRST_COMPLETED)),
            ("timeout", "1/2", dict(timeout=.15))):
        ours, theirs = await asyncio.gather(count(wait, **how),
                                            count(asyncio.wait, **how))
        print(f"{title:16} ours {ours}, asyncio's {theirs}")
        assert ours == theirs == expected


asyncio.run(main())
