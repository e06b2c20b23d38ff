"""Lesson 16 in Python: what the kernel is told, by poll, by epoll one-shot, by epoll that keeps fds armed.

200 sockets are silent, one says 1,000 words. Each of the three is asked for whoever is ready; whoever
was ready waits again. asyncio's loop keeps them armed: add_reader is one epoll_ctl, and so is remove_reader.
"""

import select
import socket

IDLE, WORDS = 200, 1000


class Poll:
    def __init__(self):
        self.wanted, self.told = set(), 0

    def arm(self, fd):
        self.wanted.add(fd)

    def wait(self):
        poll = select.poll()
        for fd in self.wanted:  # the whole list goes in, each time
            poll.register(fd, select.POLLIN)
            self.told += 1
        ready = [fd for fd, _ in poll.poll()]
        self.wanted.difference_update(ready)
        return ready


class OneShot:
    def __init__(self):
        self.epoll, self.told, self.known = select.epoll(), 0, set()

    def arm(self, fd):
        change = self.epoll.modify if fd in self.known else self.epoll.register
        change(fd, select.EPOLLIN | select.EPOLLONESHOT)
        self.known.add(fd)
        self.told += 1

    def wait(self):
        return [fd for fd, _ in self.epoll.poll()]


class Kept:
    def __init__(self):
        self.epoll, self.told = select.epoll(), 0
        self.wanted, self.armed = set(), set()

    def arm(self, fd):
        self.wanted.add(fd)
        if fd not in self.armed:
            self.epoll.register(fd, select.EPOLLIN)
            self.armed.add(fd)
            self.told += 1

    def wait(self):
        ready = [fd for fd, _ in self.epoll.poll()]
        for fd in ready:
            if fd not in self.wanted:  # told, and nobody wants it
                self.forget(fd)
        self.wanted.difference_update(ready)
        return ready

    def forget(self, fd):  # before it is closed, too
        if fd in self.armed:
            self.epoll.unregister(fd)
            self.armed.remove(fd)
            self.told += 1


def show(name, poller):
    pairs = [socket.socketpair() for _ in range(IDLE // 2)]
    here, there = socket.socketpair()
    for fd in [here.fileno(), *(s.fileno() for pair in pairs for s in pair)]:
        poller.arm(fd)
    before = poller.told
    for _ in range(WORDS):
        there.send(b"w")
        assert poller.wait() == [here.fileno()]
        here.recv(1)
        poller.arm(here.fileno())
    print(f"{name}: told of {before} at first, then of {poller.told - before} for {WORDS} words")
    for s in [here, there, *(s for pair in pairs for s in pair)]:
        s.close()


if hasattr(select, "epoll"):
    show("poll", Poll())
    show("epoll, one-shot", OneShot())
    show("epoll, kept", Kept())
else:
    print("skipped: epoll is Linux's")
