"""Lesson 17 in Python: three children of asyncio, and TLS, which Python has in itself.

asyncio gives a child three pipes where ours has two socketpairs. How it hears of a child's end is its
watcher's business: a pidfd where there is one (3.12), a thread in waitpid before that.
"""

import asyncio
import ssl
from asyncio.subprocess import PIPE


async def start(*argv):
    return await asyncio.create_subprocess_exec(
        *argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
    )


async def tend(child):
    try:
        words = await child.stderr.read()  # all the time, or the child would block
        return words, await child.wait()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise


async def main():
    cat = await start("cat")
    cat.stdin.write(b"hello")
    print("cat:", (await cat.stdout.read(64)).decode())
    cat.stdin.close()
    print("cat: exit status", (await tend(cat))[1])
    words, status = await tend(await start("sh", "-c", "echo sorry >&2; exit 3"))
    print("sh, on its standard error:", words.decode().strip())
    print("sh: exit status", status)
    nap = await start("sleep", "1000")
    task = asyncio.create_task(tend(nap))
    await asyncio.sleep(0.01)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("sleep 1000: CancelledError, killed by signal", -nap.returncode)
    context = ssl.create_default_context()
    print("TLS checks the certificate:", context.verify_mode == ssl.CERT_REQUIRED, "and the name:", context.check_hostname)


asyncio.run(main())
