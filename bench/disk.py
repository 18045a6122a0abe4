#!/usr/bin/env python3
"""How much disk sessions and events take: logs many users in over HTTP, ends them all, and looks at the files of the data folder.

Start a server on an empty folder, then:  bench/disk.py http://localhost:8080 ./data 10000
docs/production.md holds what it said.
"""
import http.client
import json
import os
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
CALLERS = 8

url, folder, count = urlsplit(sys.argv[1]), sys.argv[2], int(sys.argv[3])
key = open(os.path.join(folder, "api-key")).read().strip()


def call(connection, method, path, body):
    connection.request(method, path, body, {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status in (200, 201, 204), (answer.status, text)


def each(work):
    """Runs the work for every user, each caller on one connection; seconds it took."""
    def some(caller):
        connection = http.client.HTTPConnection(url.hostname, url.port)
        for user in range(caller, count, CALLERS):
            work(connection, user)
    since = time.monotonic()
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(some, range(CALLERS)))
    return time.monotonic() - since


def login(connection, user):
    call(connection, "POST", "/api/v3/sessions/", json.dumps({
        "stage": "default",
        "pending_user": {"pk": str(user), "username": f"user-{user}", "email": f"user-{user}@example.org", "name": f"User {user}"},
        "client": {"ip": f"10.{user >> 16 & 255}.{user >> 8 & 255}.{user & 255}", "user_agent": AGENT, "method": "POST", "path": "/login"},
    }))


def end(connection, user):
    call(connection, "POST", f"/api/v3/users/{user}/sessions/revoke/", "{}")


def show(when):
    sizes = {name: os.path.getsize(path) for name in ("sessions.db", "sessions.db-wal") if os.path.exists(path := os.path.join(folder, name))}
    print(f"{when:32}", *(f"{name} {size / 1e6:8.1f} MB" for name, size in sizes.items()), flush=True)


def settle():
    """Waits until the log is cut, half a minute at most."""
    log = os.path.join(folder, "sessions.db-wal")
    for _ in range(60):
        time.sleep(0.5)
        if os.path.getsize(log) == 0:
            return


def tables():
    """Bytes of each table and its indexes, of pages that are in use."""
    with sqlite3.connect(f"file:{os.path.join(folder, 'sessions.db')}?mode=ro", uri=True) as database:
        try:
            rows = database.execute("SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_schema m ON m.name = s.name GROUP BY 1 ORDER BY 2 DESC").fetchall()
        except sqlite3.OperationalError as missing:
            print("sizes of tables:", missing)
            return
        rows_of = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name, _ in rows}
        print(*(f"  {name}: {size / 1e6:.1f} MB, {rows_of[name]} rows, {size / max(1, rows_of[name]):.0f} bytes each" for name, size in rows if rows_of[name]), sep="\n")


show("before")
print(f"{count} logins in {each(login):.0f} s")
show("after the logins")
settle()
show("after a quiet moment")
tables()
print(f"{count} endings in {each(end):.0f} s")
show("after the endings")
settle()
show("after a quiet moment")
tables()
