"""As much of HTTP as the notebooks need, on asyncio's streams.

ClientSession has the names and the habits of aiohttp's, which most programs
would use: a pool of connections with a limit, ClientTimeout, AssertionError
for python://. It is here so that the notebooks run without packages and draw
the same picture everywhere. `serve` is the other side: /delay/1 answers after
a second.

Left out: bodies that do not fit into memory, redirects, TLS, names of hosts.
"""
import asyncio
import collections
import contextlib
import dataclasses
import socket
import threading
from urllib.parse import urlsplit


# --- The client --------------------------------------------------------------

class ServerDisconnectedError(Exception):
    pass


class ServerTimeoutError(TimeoutError):
    """Not TimeoutError itself: that is ClientTimeout.total's alone."""


@dataclasses.dataclass(frozen=True)
class ClientTimeout:
    total: float = None         # everything
    connect: float = None       # a place in the pool, and connecting


@dataclasses.dataclass
class TCPConnector:
    limit: int = 100            # connections in use at the same time


@dataclasses.dataclass
class Response:
    status: int
    body: bytes


class ClientSession:
    def __init__(self, timeout=ClientTimeout(total=300), connector=None):
        self.timeout = timeout
        self.places = asyncio.Semaphore((connector or TCPConnector()).limit)
        self.idle = collections.defaultdict(list)
        self.busy = set()
        self.opened = 0
        self.closed = False

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        self.closed = True
        for pair in [p for idle in self.idle.values() for p in idle]:
            pair[1].close()
        for pair in self.busy:
            pair[1].transport.abort()
        await asyncio.sleep(0)     # those who were cancelled come first

    def get(self, url, timeout=None):
        """async with session.get(url) as response"""
        return Get(self, url, timeout or self.timeout)

    async def _request(self, url, limits):
        address = urlsplit(url)
        try:
            async with asyncio.timeout(limits.connect or None):
                await self.places.acquire()
                try:
                    pair = await self._connect(address)
                except BaseException:
                    self.places.release()
                    raise
        except TimeoutError:
            raise ServerTimeoutError("Connection timeout") from None
        try:
            response = await exchange(*pair, address)
        except BaseException:
            pair[1].transport.abort()   # half an answer is of no use to others
            self.busy.discard(pair)
            self.places.release()
            raise
        self.busy.discard(pair)
        self.idle[address.netloc].append(pair)
        self.places.release()
        return response

    async def _connect(self, address):
        if address.scheme != "http":
            raise AssertionError       # as aiohttp does up to 3.9
        if self.idle[address.netloc]:
            pair = self.idle[address.netloc].pop()
        else:
            pair = await asyncio.open_connection(address.hostname, address.port)
            self.opened += 1
        self.busy.add(pair)
        return pair


class Get:
    def __init__(self, session, url, limits):
        self.session, self.url, self.limits = session, url, limits

    async def __aenter__(self):
        if self.session.closed:
            raise RuntimeError("Session is closed")
        async with asyncio.timeout(self.limits.total or None):
            return await self.session._request(self.url, self.limits)

    async def __aexit__(self, *error):
        pass                       # the body is here, the connection is back


async def exchange(reader, writer, address):
    writer.write(f"GET {address.path or '/'} HTTP/1.1\r\n"
                 f"Host: {address.netloc}\r\n\r\n".encode())
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(content_length(head))
    except (asyncio.IncompleteReadError, ConnectionError):
        raise ServerDisconnectedError("Server disconnected") from None
    return Response(int(head.split()[1]), body)


def content_length(head):
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


# --- The server --------------------------------------------------------------

async def visit(reader, writer):
    """One connection, request after request."""
    asyncio.current_task().set_name("~visit")      # not in pictures
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split()[1].decode()
            status, body = 200, b"hello\n"
            if path.startswith("/delay/"):
                await asyncio.sleep(float(path[7:]))
            elif path != "/":
                status, body = 404, b"not here\n"
            word = "OK" if status == 200 else "Not Found"
            writer.write(f"HTTP/1.1 {status} {word}\r\nContent-Length: "
                         f"{len(body)}\r\n\r\n".encode() + body)
    writer.close()


async def serve():
    """Starts it on this loop, on a port that the kernel chooses."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    return await asyncio.start_server(visit, sock=listener)


def url_of(server):
    return "http://127.0.0.1:%d/" % server.sockets[0].getsockname()[1]


async def serve_by_aiohttp(web):
    async def answer(request):
        if request.path.startswith("/delay/"):
            await asyncio.sleep(float(request.path[7:]))
        return web.Response(text="hello\n")

    app = web.Application()
    app.router.add_get("/", answer)
    app.router.add_get("/delay/{seconds}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    await web.SockSite(runner, listener).start()
    return runner, "http://127.0.0.1:%d/" % listener.getsockname()[1]


class PythonServer:
    """A server on a thread of its own: while a magic waits for its program,
    the kernel's own loop serves nobody. aiohttp's where it is installed."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self.ready.wait(10)

    def _run(self):
        self.loop.run_until_complete(self._start())
        self.ready.set()
        self.loop.run_forever()
        self.loop.run_until_complete(self._end())
        self.loop.close()

    async def _start(self):
        try:
            from aiohttp import web
        except ImportError:
            self.server = await serve()
            self.url = url_of(self.server)
        else:
            self.server, self.url = await serve_by_aiohttp(web)

    async def _end(self):
        if hasattr(self.server, "cleanup"):
            await self.server.cleanup()
        else:
            self.server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
