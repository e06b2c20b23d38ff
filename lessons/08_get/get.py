"""get.py - one GET, its status, and what can go wrong with it; against a
tiny server of its own, on a free port."""
import asyncio
import urllib.parse


async def get(url):
    parts = urllib.parse.urlsplit(url)
    assert parts.scheme == "http"
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
                     "Connection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        version, status, *_ = head.split(None, 2)
        if not version.startswith(b"HTTP/"):
            raise ValueError("Expected HTTP/")
        return int(status)
    finally:
        writer.close()


async def answer(reader, writer):
    """In two pieces: a head is not a packet."""
    request = await reader.readuntil(b"\r\n\r\n")
    path = request.split()[1]
    try:
        if path == b"/drop":
            return
        if path == b"/garbage":
            writer.write(b"SSH-2.0 not http\r\n\r\n")
            return
        status = path[-3:] if path.startswith(b"/status/") else b"200"
        writer.write(b"HTTP/1.1 " + status[:1])
        await asyncio.sleep(0.01)
        writer.write(status[1:] + b" OK\r\nContent-Length: 0\r\n\r\n")
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    print("Status was", await get(base + "/"))
    for url in ("python://www.example.com", base + "/drop",
                base + "/garbage", base + "/status/404"):
        try:
            print(url.replace(str(port), "PORT"), "->", await get(url))
        except Exception as error:
            print(url.replace(str(port), "PORT"), "->", type(error).__name__)
    server.close()
    await server.wait_closed()


asyncio.run(main())
