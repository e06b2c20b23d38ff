"""One thread, many sockets, and sleep: select.select.

(Not select.py: that name would hide the module from itself.)
"""
import select
import socket
import threading


def serve(listener, clients):
    here = []
    while clients > 0 or here:
        wanted = here + ([listener] if clients > 0 else [])
        readable, _, _ = select.select(wanted, [], [])   # sleeps
        for connection in readable:
            if connection is listener:
                here.append(listener.accept()[0])
                clients -= 1
                continue
            data = connection.recv(4096)
            connection.sendall(data.upper())
            if not data:
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
