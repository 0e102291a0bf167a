"""How the web process listens. One worker with SQLite; more (WEB_CONCURRENCY) with PostgreSQL."""

import gc
import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "gthread"
threads = int(os.environ.get("THREADS", "4"))
reuse_port = True  # without it one worker can take every kept-alive connection
keepalive = 75  # a carrier's connection pool outlives the pauses between keypresses
timeout = 30
graceful_timeout = 10

control_socket_disable = True  # it would stand in the home folder, and nobody here speaks to it


def post_worker_init(worker: object) -> None:
    """What was loaded stays: the garbage collector need not walk it again and again while a call waits."""
    gc.collect()
    gc.freeze()
