"""A server that never sleeps: setblocking(False)."""
import socket
import threading


def ask(connection):
    try:
        data = connection.recv(4096)
    except BlockingIOError:                          # EAGAIN
        return True                                  # nothing yet
    send_all(connection, data.upper())
    return data != b""


def send_all(connection, data):
    while data:
        try:
            data = data[connection.send(data):]
        except BlockingIOError:
            pass                                     # spins


def serve(listener, clients):
    listener.setblocking(False)
    here = []
    while clients > 0 or here:
        if clients > 0:
            try:
                connection, _ = listener.accept()
                connection.setblocking(False)
                here.append(connection)
                clients -= 1
            except BlockingIOError:
                pass
        for connection in here[:]:
            if not ask(connection):
                connection.close()
                here.remove(connection)


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    server = threading.Thread(target=serve, args=(listener, 2))
    server.start()
    slow = socket.create_connection(listener.getsockname())
    quick = socket.create_connection(listener.getsockname())
    quick.sendall(b"one\n")
    print("quick, while the slow one is silent:", quick.recv(100))
    quick.close()
    slow.close()
    server.join()
    listener.close()


if __name__ == "__main__":
    main()
