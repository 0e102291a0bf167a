"""How the web process listens. One worker with SQLite; more (WEB_CONCURRENCY) with PostgreSQL."""

import gc
import os
import socket

from gunicorn.workers.gthread import ThreadWorker

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "gthread"
# Few: they share one interpreter, and side by side they only take it from each other. A fourth made the slowest answer
# of a hundred a sixth slower, and no more of them; with two some were left waiting while both waited for the database.
threads = int(os.environ.get("THREADS", "3"))
reuse_port = True  # without it one worker can take every kept-alive connection
keepalive = 75  # a carrier's connection pool outlives the pauses between keypresses
timeout = 30
graceful_timeout = 10

# it would stand in the home folder, and nobody here speaks to it
control_socket_disable = True
SILENT_S = 60  # how long a connection may be open before it says something


def post_worker_init(worker: ThreadWorker) -> None:
    """What the worker does once, when all is loaded and nobody is answered yet."""
    # A connection on which nothing was said yet, as browsers open them ahead, is not accepted: three of them would keep
    # the three threads, and so every call, waiting for five seconds.
    if hasattr(socket, "TCP_DEFER_ACCEPT"):  # Linux
        for listener in worker.sockets:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_S)
    # What was loaded stays for good, and looking through all of it for rubbish held every call up for 40 to 70 ms.
    gc.collect()
    gc.freeze()
