"""as_completed.py - the same in Python: results as they come, a timeout.

fetch() stands for an HTTP request: it sleeps and returns a status.
Run it: python3 lessons/12_as_completed/as_completed.py
"""
import asyncio


async def fetch(delay):
    await asyncio.sleep(delay / 20)
    return 200


async def completed():
    fetchers = [fetch(1), fetch(1), fetch(10)]
    for finished_task in asyncio.as_completed(fetchers):
        print(await finished_task)


async def timeout():
    fetchers = [fetch(10), fetch(10), fetch(1)]
    for finished_task in asyncio.as_completed(fetchers, timeout=2 / 20):
        try:
            print(await finished_task)
        except asyncio.TimeoutError:
            print("TimeoutError")


async def main():
    await completed()
    await timeout()
    print("tasks still alive:", len(asyncio.all_tasks()) - 1)


if __name__ == "__main__":
    asyncio.run(main())
