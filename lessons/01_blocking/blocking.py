"""A server that does one thing at a time: blocking sockets."""
import socket
import threading


def serve(listener, clients):
    for _ in range(clients):
        connection, _ = listener.accept()            # sleeps
        with connection:
            while data := connection.recv(4096):     # sleeps
                connection.sendall(data.upper())     # sleeps


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    server = threading.Thread(target=serve, args=(listener, 2))
    server.start()
    slow = socket.create_connection(listener.getsockname())
    quick = socket.create_connection(listener.getsockname())
    quick.sendall(b"one\n")
    quick.settimeout(0.2)
    try:
        quick.recv(100)
        raise SystemExit("answered while the slow one was silent?")
    except TimeoutError:
        print("quick: no answer while the slow one is silent")
    slow.close()
    quick.settimeout(10)
    print("quick:", quick.recv(100))
    quick.close()
    server.join()
    listener.close()


if __name__ == "__main__":
    main()
