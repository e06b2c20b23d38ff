"""gather.py - the same in Python: order, errors, and who is left running.

fetch() stands for an HTTP request: it sleeps and returns a status, or
raises. Run it: python3 lessons/11_gather/gather.py
"""
import asyncio


async def fetch(delay, error=None):
    await asyncio.sleep(delay / 100)
    if error is not None:
        raise error
    return 200


async def thousand():
    requests = [fetch(1) for _ in range(1000)]
    status_codes = await asyncio.gather(*requests)
    return status_codes


async def exceptions():
    requests = [fetch(1), fetch(0, AssertionError())]
    return await asyncio.gather(*requests, return_exceptions=True)


async def raises():
    tasks = [asyncio.create_task(fetch(1)),
             asyncio.create_task(fetch(0, AssertionError())),
             asyncio.create_task(fetch(2))]
    try:
        await asyncio.gather(*tasks)
    except AssertionError:
        print("raised; still running:", [not task.done() for task in tasks])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print("cancelled and awaited:", [task.cancelled() for task in tasks])


async def main():
    codes = await thousand()
    print(len(codes), "results,", codes.count(200), "times 200")
    print(await exceptions())
    await raises()


if __name__ == "__main__":
    asyncio.run(main())
