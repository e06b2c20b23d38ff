"""accept.py - the notebook's ConnectedSocket, on a free port, with a peer of
its own, through the four ways out."""
import asyncio
import socket


class ConnectedSocket:
    def __init__(self, server_socket):
        self._connection = None
        self._server_socket = server_socket

    async def __aenter__(self):
        print("Entering context manager, waiting for connection")
        loop = asyncio.get_running_loop()
        self._connection, _ = await loop.sock_accept(self._server_socket)
        print("Accepted a connection")
        return self._connection

    async def __aexit__(self, kind, error, traceback):
        print("Exiting context manager")
        self._connection.close()
        print("Closed connection")


async def serve(server_socket, ending):
    loop = asyncio.get_running_loop()
    async with ConnectedSocket(server_socket) as connection:
        data = await loop.sock_recv(connection, 1024)
        if ending == "error":
            raise ValueError(data)
        print(data)


async def peer(address, words):
    reader, writer = await asyncio.open_connection(*address)
    await asyncio.sleep(0.01)
    writer.write(words)
    print("peer: read after server side finished:", await reader.read())
    writer.close()
    await writer.wait_closed()


async def show(ending):
    server_socket = socket.create_server(("127.0.0.1", 0))
    server_socket.setblocking(False)
    server = asyncio.create_task(serve(server_socket, ending))
    others = []
    if ending != "cancel-early":
        words = b"" if ending == "cancel" else b"\x1b[A"
        address = server_socket.getsockname()
        others.append(asyncio.create_task(peer(address, words)))
    if ending.startswith("cancel"):
        await asyncio.sleep(0.05)
        print("cancel ->", server.cancel())
    try:
        await server
    except (ValueError, asyncio.CancelledError) as error:
        print("caught", repr(error))
    await asyncio.gather(*others)
    server_socket.close()


for way in "return", "error", "cancel", "cancel-early":
    print("---", way)
    asyncio.run(show(way))
