"""Lesson 15 in Python: a lookup that blocks, in a thread; asyncio's own, and one out of a pipe.

The lookup takes 0.2 s; a ticker ticks each 0.05 s. On the loop's thread nobody ticks meanwhile.
"""

import asyncio
import os
import threading
import time


def lookup(host):
    time.sleep(0.2)
    return f"{host} is 127.0.0.1"


async def in_thread(work, *args):
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    readable, writable = os.pipe()
    result = []

    def run():
        result.append(work(*args))
        os.write(writable, b"!")

    thread = threading.Thread(target=run)
    loop.add_reader(readable, done.set_result, None)
    thread.start()
    try:
        await done
    finally:
        loop.remove_reader(readable)
    thread.join()
    os.close(readable)
    os.close(writable)
    return result[0]


async def on_the_loop(work, *args):
    return work(*args)


async def ticker(ticks):
    while True:
        await asyncio.sleep(0.05)
        ticks.append(None)


async def show(title, way):
    ticks = []
    task = asyncio.create_task(ticker(ticks))
    await asyncio.sleep(0)
    answer = await way(lookup, "slow.example")
    task.cancel()
    print(f"{title}: {answer}, {'nobody' if not ticks else 'others'} went on")


async def main():
    await show("on the loop", on_the_loop)
    await show("in a thread", in_thread)
    await show("asyncio.to_thread", asyncio.to_thread)
    try:
        await asyncio.wait_for(asyncio.to_thread(lookup, "slow.example"), 0.01)
    except TimeoutError:
        print(f"TimeoutError, threads left: {threading.active_count() - 1}")


asyncio.run(main())  # its end waits for the thread that nobody waits for any more
