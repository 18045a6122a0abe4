"""What `run` asks of every peer over HTTP, and the table. Standard library only.

    peers.py prepare NAME FOLDER   logs users in, asks for a sample, writes the requests for wrk
    peers.py verify NAME FOLDER    asks for the sample again, after the load
    peers.py end NAME FOLDER       logs in, ends the session, asks again with the same cookies
    peers.py table FOLDER          prints the results as Markdown
"""

import http.client
import json
import os
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

SESSIONS = 1000
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
BASE = int(os.environ.get("PEERS_PORT", "23100"))
KEY = os.environ.get("PEERS_KEY", "")

POSTGRES = "PostgreSQL, synchronous_commit=on"
REDIS = "Redis, appendfsync=always"


@dataclass(frozen=True)
class Peer:
    """Where a peer listens and what its answers are called."""

    title: str
    port: int
    durability: str
    ours: bool = False
    checks: bool = True
    login: str = "/login"
    check: str = "/session"
    logout: str = "/logout"
    headers: dict = field(default_factory=dict)


def ours(title, port, durability):
    """Our own server, asked as a front end (login) and as a browser (check)."""
    root = "/api/v3/sessions/"
    return Peer(title, port, durability, True, True, root, root + "current/", root + "current/logout/", {"Authorization": f"Bearer {KEY}"})


def better_auth(title, port, checks):
    """better-auth behind node/better-auth.js, its sign-out at its own path."""
    return Peer(title, port, POSTGRES, False, checks, logout="/api/auth/sign-out")


PEERS = {
    "sessioncluster-sqlite": ours("SessionCluster, SQLite", 10, "SQLite, synchronous=FULL"),
    "sessioncluster-postgresql": ours("SessionCluster, PostgreSQL", 11, POSTGRES),
    "sessioncluster-api": ours("SessionCluster, an Api beside that one", 14, POSTGRES),
    "aspnet-postgresql": Peer("ASP.NET Core cookie, `ITicketStore` on PostgreSQL", 20, POSTGRES),
    "aspnet-redis": Peer("ASP.NET Core cookie, `ITicketStore` on Redis", 21, REDIS),
    "aspnet-sessioncluster": Peer("ASP.NET Core cookie, `AddSessionClusterTicketStore` on the first", 23, "SQLite, synchronous=FULL"),
    "better-auth": better_auth("better-auth", 30, True),
    "express-redis": Peer("express-session on Redis", 40, REDIS),
    "express-postgresql": Peer("express-session on PostgreSQL", 41, POSTGRES),
    "django-postgresql": Peer("Django sessions on PostgreSQL", 50, POSTGRES),
    "aspnet-cookie": Peer("ASP.NET Core cookie alone", 22, "none: the cookie is the session", checks=False),
    "better-auth-cookie-cache": better_auth("better-auth with its cookie cache", 31, False),
}


# How long our login remembers the browser; "seconds=0" leaves known devices out, which no peer has: the requests carry no device
# cookie, so that each login would make one more device of its user, up to 64.
DEVICES = os.environ.get("PEERS_REMEMBER_DEVICE", "seconds=0")


def login_body(number):
    """The same for every peer; the stage is a setting of ours."""
    user = {"pk": str(number), "username": f"user{number}", "email": f"user{number}@example.org", "name": f"User {number}", "is_active": True}
    return json.dumps({"stage": "peers", "pending_user": user, "client": {"ip": "203.0.113.7", "user_agent": AGENT}}, separators=(",", ":"))


class Browser:
    """One keep-alive connection; cookies are the caller's."""

    def __init__(self, peer):
        self.peer = peer
        self.address = f"127.0.0.1:{BASE + peer.port}"
        self.connection = http.client.HTTPConnection(self.address, timeout=30)

    def ask(self, method, path, body=None, headers=None):
        """The status, the body, and the cookies that were set."""
        self.connection.request(method, path, body, {"User-Agent": AGENT, **(headers or {})})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        cookies = [c.split(";")[0] for c in answer.headers.get_all("Set-Cookie") or []]
        return answer.status, text, [c for c in cookies if not c.endswith("=")]

    def login(self, number):
        """The Cookie header of a new session."""
        headers = {"Content-Type": "application/json", **self.peer.headers}
        status, text, cookies = self.ask("POST", self.peer.login, login_body(number), headers)
        if status not in (200, 201):
            raise SystemExit(f"login answered {status}: {text[:300]}")
        if self.peer.ours:
            cookie = json.loads(text)["cookies"][0]
            cookies = [f"{cookie['name']}={cookie['value']}"]
        return "; ".join(cookies)

    def check(self, cookie):
        """The status and body of a check."""
        return self.ask("GET", self.peer.check, headers={"Cookie": cookie})[:2]


def accepted(status, text, number):
    """Whether a check's answer is that user's session."""
    return status == 200 and f"user{number}@example.org" in text


def prepare(name, folder):
    """Writes the requests of both loads, all with the same number of sessions and users."""
    peer = PEERS[name]
    browser = Browser(peer)
    if peer.ours:
        # A second process on one database finds the stage that the first one made.
        stage = json.dumps({"name": "peers", "remember_device": DEVICES})
        status, text, _ = browser.ask("POST", "/api/v3/stages/user_login/", stage, {"Content-Type": "application/json", **peer.headers})
        if status != 201 and "Another stage has this name" not in text:
            raise SystemExit(f"the stage answered {status}: {text[:300]}")
    checks, logins = [], []
    extra = [f"{k}: {v}" for k, v in peer.headers.items()]
    for number in range(1, SESSIONS + 1):
        cookie = browser.login(number)
        checks.append("\t".join(["GET", peer.check, f"User-Agent: {AGENT}", f"Cookie: {cookie}"]))
        logins.append("\t".join(["POST", peer.login, f"User-Agent: {AGENT}", "Content-Type: application/json", *extra, "body", login_body(number)]))
    status, text = browser.check(cookie)
    if not accepted(status, text, SESSIONS):
        raise SystemExit(f"check answered {status}: {text[:300]}")
    status, text = browser.check("; ".join(pair.replace("=", "=x", 1) for pair in cookie.split("; ")))
    if accepted(status, text, SESSIONS):
        raise SystemExit("an altered cookie was accepted")
    Path(folder, f"{name}.check").write_text("\n".join(checks) + "\n", encoding="utf-8")
    Path(folder, f"{name}.login").write_text("\n".join(logins) + "\n", encoding="utf-8")
    recheck(browser, checks)


def recheck(browser, lines):
    """A sample of the sessions is answered, each with its own user."""
    for number in range(1, len(lines) + 1, 20):
        cookie = lines[number - 1].split("Cookie: ")[1]
        status, text = browser.check(cookie)
        if not accepted(status, text, number):
            raise SystemExit(f"check of session {number} answered {status}: {text[:300]}")


def verify(name, folder):
    """After the load: the sessions that were asked for are still live, so no fast answer was a refusal."""
    recheck(Browser(PEERS[name]), Path(folder, f"{name}.check").read_text(encoding="utf-8").splitlines())


def end(name, folder):
    """Ends a session and asks for it again, as somebody who kept the cookies."""
    peer = PEERS[name]
    browser = Browser(peer)
    cookie = browser.login(1)
    before = browser.check(cookie)
    same_site = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Origin": f"http://{browser.address}", "Content-Type": "application/json"}
    status, text, _ = browser.ask("POST", peer.logout, "{}" if peer.logout.endswith("sign-out") else None, same_site)
    if status not in (200, 204) or not accepted(*before, 1):
        raise SystemExit(f"logout answered {status}: {text[:300]}")
    status, text = browser.check(cookie)
    word = "**still accepted**" if accepted(status, text, 1) else "refused"
    shown = f"{status}, `null`" if text == "null" else str(status)
    Path(folder, f"{name}.end").write_text(f"{word} ({shown})", encoding="utf-8")


def measured(folder):
    """Rows of results: name and load to the medians over the rounds."""
    rounds = {}
    for line in Path(folder, "results.tsv").read_text(encoding="utf-8").splitlines():
        name, load, *numbers = line.split("\t")
        rounds.setdefault((name, load), []).append([int(n) for n in numbers])
    rows = {}
    for key, runs in rounds.items():
        rates = [requests * 1e6 / duration for requests, duration, *_ in runs]
        rows[key] = {
            "rate": statistics.median(rates),
            "spread": (min(rates), max(rates)),
            "p99": statistics.median(run[4] for run in runs) / 1000,
            "bytes": statistics.median(run[2] / max(run[0], 1) for run in runs),
            "errors": sum(run[5] + run[6] for run in runs),
        }
    return rows


def cell(row, reference, us):
    """The columns of one load."""
    if row is None:
        return "- | - | -"
    if row["errors"]:
        return f"invalid: {row['errors']} errors | - | -"
    ratio = f"{reference / row['rate']:.1f}" if reference and not us else "-"
    return f"{row['rate']:,.0f} | {ratio} | {row['p99']:.1f}"


def best(rows, load, engine=""):
    """The fastest valid peer that checks on the server."""
    able = [(rows[n, load]["rate"], PEERS[n].title) for n in PEERS
            if not PEERS[n].ours and PEERS[n].checks and engine in PEERS[n].durability and (n, load) in rows and not rows[n, load]["errors"]]
    return max(able, default=None)


def table(folder):
    """Prints one row a peer, then the ratios that the goal is about."""
    rows = measured(folder)
    reference = {load: rows.get(("sessioncluster-sqlite", load), {}).get("rate") for load in ("check", "login")}
    print("| server | checks/s | ours ÷ it | p99 ms | logins/s | ours ÷ it | p99 ms | durable by | after its end, the session is |")
    print("|---|--:|--:|--:|--:|--:|--:|---|---|")
    for name, peer in PEERS.items():
        reason = Path(folder, f"{name}.unavailable")
        if reason.exists():
            print(f"| {peer.title} | not available here: {reason.read_text(encoding='utf-8').strip()} | | | | | | {peer.durability} | |")
            continue
        ended = Path(folder, f"{name}.end")
        if not ended.exists():
            continue
        cells = " | ".join(cell(rows.get((name, load)), reference[load], peer.ours) for load in ("check", "login"))
        title = peer.title if peer.checks else f"{peer.title} (a check asks no server side)"
        print(f"| {title} | {cells} | {peer.durability} | {ended.read_text(encoding='utf-8')} |")
    print()
    for name in (n for n in PEERS if PEERS[n].ours):
        for load in ("check", "login"):
            for what, engine in (("any store", ""), ("PostgreSQL", "PostgreSQL"), ("Redis", "Redis")):
                other = best(rows, load, engine)
                row = rows.get((name, load))
                if row and not row["errors"] and other:
                    print(f"- {PEERS[name].title}, {load}: {row['rate'] / other[0]:.2f} times the best peer that checks on the server, {what} ({other[1]}).")
    noisy = [f"{n} {load} {r['spread'][0]:,.0f} to {r['spread'][1]:,.0f}" for (n, load), r in rows.items() if r["spread"][1] > 1.3 * r["spread"][0]]
    if noisy:
        print(f"- Rounds more than 30 % apart: {'; '.join(noisy)}.")
    print("- Bytes of an answer with its headers, check: " + ", ".join(f"{n} {r['bytes']:.0f}" for (n, load), r in rows.items() if load == "check") + ".")


if __name__ == "__main__":
    {"prepare": prepare, "verify": verify, "end": end, "table": table}[sys.argv[1]](*sys.argv[2:])
