"""The notebook's cell 4: one by one, all at once, and with a failure.

python3 await_.py        tenths of seconds, so that it takes 2 s, not 20
"""
import asyncio


async def delay(seconds, fails=False):
    print(f"sleeping {seconds}")
    await asyncio.sleep(seconds / 10)
    if fails:
        raise ValueError(f"delay {seconds}: told to fail")
    print(f"finished {seconds}")


async def one_by_one(seconds):
    [await asyncio.create_task(delay(s)) for s in seconds]


async def all_at_once(seconds, failing=0):
    tasks = [asyncio.create_task(delay(s, fails=i == failing))
             for i, s in enumerate(seconds, 1)]
    return tasks, [await task for task in tasks]


async def fails():
    try:
        await all_at_once([1, 2, 3], failing=1)
    except ValueError as error:
        print(f"caught {type(error).__name__}: {error}")
    states = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    print(f"{len(states)} still pending")
    await asyncio.sleep(0.4)
    states = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    print(f"{len(states)} still pending")


async def main():
    await one_by_one([3, 3, 3])
    await all_at_once([3, 3, 3])
    await fails()


asyncio.run(main())
