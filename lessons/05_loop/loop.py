"""A loop of callbacks, in under 40 lines: what asyncio's _run_once does.

python3 loop.py        the demo of lesson 05, ten times faster
"""
import heapq
import itertools
import selectors
import socket
import time
from collections import deque


class Loop:
    def __init__(self):
        self.ready = deque()
        self.timers = []
        self.seq = itertools.count()
        self.selector = selectors.DefaultSelector()

    def call_soon(self, run):
        self.ready.append(run)

    def call_later(self, delay, run):
        when = time.monotonic() + delay
        heapq.heappush(self.timers, (when, next(self.seq), run))

    def add_reader(self, sock, run):
        self.selector.register(sock, selectors.EVENT_READ, run)

    def remove_reader(self, sock):
        self.selector.unregister(sock)

    def patience(self):
        if self.ready:
            return 0
        if self.timers:
            return max(0, self.timers[0][0] - time.monotonic())
        return None

    def turn(self):
        for key, _ in self.selector.select(self.patience()):
            self.ready.append(key.data)
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            self.ready.append(heapq.heappop(self.timers)[2])
        for _ in range(len(self.ready)):
            self.ready.popleft()()

    def run(self):
        while self.ready or self.timers or self.selector.get_map():
            self.turn()


def main():
    loop = Loop()
    client, server = socket.socketpair()
    began = time.monotonic()

    def tell(words):
        print(f"{(time.monotonic() - began) * 10:.1f} s  {words}")

    def send():
        client.send(b"hello")
        tell("client sends hello")

    def answer():
        tell("server is readable")
        server.send(server.recv(16).upper())

    def hear():
        tell(f"client is readable: {client.recv(16).decode()}")
        loop.call_soon(lambda: tell("call_soon: in the turn after that"))
        loop.remove_reader(client)
        loop.remove_reader(server)

    for i in 1, 2, 3:
        loop.call_later(i / 10, lambda: tell("tick"))
    loop.call_later(0.15, send)
    loop.add_reader(server, answer)
    loop.add_reader(client, hear)
    loop.run()
    tell("nothing left to do: the loop ends")
    client.close()
    server.close()


main()
