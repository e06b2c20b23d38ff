"""Interest on demand, a buffer per client, half-close: selectors."""
import selectors
import socket
import threading
from selectors import EVENT_READ, EVENT_WRITE

BUFFER = 4096


class Client:
    def __init__(self, connection):
        self.connection = connection
        self.connection.setblocking(False)
        self.finished = False
        self.to_send = b""

    def interest(self):
        wants_in = not self.finished and len(self.to_send) < BUFFER
        return (EVENT_READ if wants_in else 0) | (
            EVENT_WRITE if self.to_send else 0)

    def talk(self):
        try:
            if self.interest() & EVENT_READ:
                data = self.connection.recv(BUFFER - len(self.to_send))
                self.finished = not data
                self.to_send += data.upper()
        except BlockingIOError:
            pass
        try:
            if self.to_send:
                n = self.connection.send(self.to_send)
                self.to_send = self.to_send[n:]
        except BlockingIOError:
            pass
        return bool(self.to_send) or not self.finished


def serve(listener, clients):
    selector = selectors.PollSelector()
    selector.register(listener, EVENT_READ)
    while clients > 0 or len(selector.get_map()) > 0:
        for key, _ in selector.select():                 # sleeps
            client = key.data
            if key.fileobj is listener:
                client = Client(listener.accept()[0])
                selector.register(client.connection, EVENT_READ, client)
                clients -= 1
                if clients == 0:
                    selector.unregister(listener)
            elif client.talk():
                selector.modify(key.fd, client.interest(), client)
            else:
                selector.unregister(key.fd)
                client.connection.close()
    selector.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    server = threading.Thread(target=serve, args=(listener, 2))
    server.start()
    slow = socket.create_connection(listener.getsockname())
    slow.setblocking(False)
    try:
        while True:
            slow.send(b"x" * 4096)                       # and does not read
    except BlockingIOError:
        pass
    quick = socket.create_connection(listener.getsockname())
    quick.sendall(b"one\n")
    quick.shutdown(socket.SHUT_WR)
    print("quick, while the other does not read:", quick.recv(100))
    print("and then the end:", quick.recv(100))
    quick.close()
    slow.setblocking(True)
    slow.shutdown(socket.SHUT_WR)
    while slow.recv(65536):
        pass
    slow.close()
    server.join()
    listener.close()


if __name__ == "__main__":
    main()
