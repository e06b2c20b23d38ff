"""Lesson 09 in Python: a pool of connections with a limit and one line of waiters.

What aiohttp's ClientSession does for you, on asyncio alone: at most `limit` connections in use,
the one used last is used first, and a place given to a waiter that is cancelled goes on.
"""

import asyncio


class Session:
    def __init__(self, host, port, limit=100):
        self.host, self.port, self.limit = host, port, limit
        self.idle, self.waiters, self.in_use, self.opened = [], [], 0, 0

    async def acquire(self):
        if self.in_use < self.limit and not self.waiters:
            self.in_use += 1
        else:
            granted = asyncio.get_running_loop().create_future()
            self.waiters.append(granted)
            try:
                await granted
            except asyncio.CancelledError:
                if granted in self.waiters:
                    self.waiters.remove(granted)
                elif granted.done() and not granted.cancelled():
                    self.release(None)
                raise
        return self.idle.pop() if self.idle else await self.dial()

    async def dial(self):
        self.opened += 1
        return await asyncio.open_connection(self.host, self.port)

    def release(self, connection):
        if connection:
            self.idle.append(connection)
        self.in_use -= 1
        while self.waiters:
            granted = self.waiters.pop(0)
            if not granted.done():
                self.in_use += 1
                granted.set_result(None)
                break

    async def get(self, target):
        reader, writer = connection = await self.acquire()
        writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(6)
        self.release(connection)
        return int(head.split()[1])

    def close(self):
        for _, writer in self.idle:
            writer.close()


async def serve(reader, writer):
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    session = Session(*server.sockets[0].getsockname(), limit=3)
    statuses = await asyncio.gather(*(session.get("/") for _ in range(10)))
    print(f"{len(statuses)} requests, {statuses.count(200)} times 200, "
          f"{session.opened} connections")
    session.close()
    server.close()


asyncio.run(main())
