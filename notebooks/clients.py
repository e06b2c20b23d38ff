"""The clients of lessons 01 to 04, for servers in Python: one slow, some quick.

    second  0            1            2
    slow    connects h   el           lo    HELLO
    quick   connects, sends a line; is answered as soon as the server can

The seconds are those of this plan. `serve(listener, clients)` runs in a process
of its own, because it sleeps, or spins, as long as it likes. lessons/
01_blocking/client.c is the same in C.
"""
import os
import select
import signal
import socket
import time

PAUSE = 0.7               # real seconds; ample for an answer, were there one
MOMENT = 0.1              # for answers, once nobody but the slow one is here
PATIENCE = 10


class Client:
    def __init__(self, name, address, text):
        self.name = name
        self.socket = socket.create_connection(address)
        self.heard = b""
        self.told = False
        self.send("connects, sends", text)

    def send(self, how, text):
        self.socket.sendall(text)
        say(self.name, f'{how} "{words(text)}"')

    def hear(self):
        """False: that was all, or it is lost."""
        data = self.socket.recv(100)
        self.heard += data
        if data and not self.heard.endswith(b"\n"):
            return True
        self.socket.close()
        return False


second = 0


def words(text):
    return text.decode().replace("\n", "\\n")


def say(who, what):
    print(f"{second} s  {who:8} {what}", flush=True)


def listen_for(clients, here, seconds, slow_only):
    end = time.monotonic() + seconds
    brief = time.monotonic() + MOMENT
    while here:
        until = brief if slow_only and here == clients[:1] else end
        ready, _, _ = select.select([c.socket for c in here], [], [],
                                    max(0, until - time.monotonic()))
        if not ready:
            break
        for client in [c for c in here if c.socket in ready]:
            if not client.hear():
                here.remove(client)
    for client in clients:
        if client not in here and not client.told:
            client.told = True
            say(client.name, f'is answered "{words(client.heard)}"'
                if client.heard else "lost its connection")


def play(address, quick):
    global second
    second = 0
    clients = [Client("slow", address, b"h")]
    for i, word in zip(range(quick), (b"one\n", b"two\n", b"three\n")):
        clients.append(Client(f"quick {i + 1}", address, word))
    here = list(clients)
    for rest in b"el", b"lo\n":
        listen_for(clients, here, PAUSE, True)
        second += 1
        if clients[0] in here:
            clients[0].send("sends", rest)
    listen_for(clients, here, PATIENCE, False)
    for client in here:
        client.socket.close()


def start_server(serve, listener, clients):
    """In a child, which never returns into the notebook; not even if serve
    raises. It gets a minute."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.alarm(60)
            serve(listener, clients)
            status = 0
        finally:
            os._exit(status)
    return pid


def slept(usage):
    """One that waits gives the CPU back of its own will, at each of slow's
    pauses at least, and has little of it. One that spins gives nothing back;
    how much it gets depends on what else the machine does."""
    return (usage.ru_nvcsw >= 2
            and usage.ru_utime + usage.ru_stime < PAUSE / 2)


def clients_run(serve, quick=2):
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    pid = start_server(serve, listener, 1 + quick)
    listener.close()                      # the child has its own
    try:
        play(address, quick)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        _, status, usage = os.wait4(pid, 0)
    say("server", "slept whenever it had nothing to do" if slept(usage)
        else "never slept: it kept a CPU busy")
    if status != 0:
        raise RuntimeError(f"the server ended with status {status}")
