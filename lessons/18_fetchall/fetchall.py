"""fetchall.py - the two loops in Python: workers that take the next URL, and
tries that give up in the end.

fetch() stands for an HTTP request: it sleeps and returns a status, or
raises. Run it: python3 lessons/18_fetchall/fetchall.py
"""
import asyncio
import random

NOT_NOW = {408, 429, 502, 503, 504}


async def fetch(url, tries):
    await asyncio.sleep(.01)
    if url == "broken" and tries < 3:
        raise ConnectionResetError
    if url == "silent":
        raise TimeoutError
    return {"gone": 404, "busy": 503}.get(url, 200)


async def fetch_retry(url, more=3, first=.01, most=.05):
    for tries in range(1, more + 2):
        error = status = None
        try:
            async with asyncio.timeout(1):
                status = await fetch(url, tries)
        except OSError as caught:  # ConnectionError and TimeoutError are
            error = caught
        if tries > more or error is None and status not in NOT_NOW:
            break
        await asyncio.sleep(random.random() * min(first * 2**(tries - 1), most))
    if error is not None:
        raise error
    return status, tries


async def worker(urls, tell):
    for url in urls:  # an iterator: each URL is taken once, by whoever is free
        try:
            tell(url, await fetch_retry(url))
        except OSError as error:
            tell(url, type(error).__name__)
        except asyncio.CancelledError:
            tell(url, "cancelled")
            raise


async def fetchall(urls, limit, tell):
    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker(urls, tell))


async def main():
    told = {}
    urls = iter(["good", "gone", "busy", "broken", "silent"])
    await fetchall(urls, 2, told.__setitem__)
    for url in sorted(told):
        print(f"{url}: {told[url]}")
    slow = asyncio.create_task(fetchall(iter(["busy"] * 100000), 2, told.__setitem__))
    await asyncio.sleep(.02)
    slow.cancel()
    await asyncio.wait([slow])
    print("cancelled:", slow.cancelled(), told["busy"])


if __name__ == "__main__":
    random.seed(1)
    asyncio.run(main())
