"""Fills a store by the binary of an older release, as people would, and keeps it here in three forms.

    python3 tests/suite/older/make.py BINARY POSTGRES_PROGRAMS

README.md says which release that is, what the forms are and what is in the store.
"""

import gzip
import http.client
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = pathlib.Path(__file__).parent
BINARY, PROGRAMS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
PLACE = pathlib.Path(tempfile.mkdtemp())
DATA = PLACE / "data"
PORT = 47110
HOST = "http://{tenant}.localhost:8080"
OWNER, NEWCOMER = "ada@acme.example", "grace@globex.example"
CHOSEN = "quiet harbour 4471 lanterns"
OWN = "eleven ferries under a paper moon"
SYSTEM = "/api/web/custom/namespaces/system"


def run(*line):
    return subprocess.run([BINARY, *map(str, line)], cwd=PLACE, check=True, capture_output=True, text=True).stdout


def user(number):
    return f"user{number:05}@example.com"


class Server:
    """A running server of the older release, with the mailbox and the moods of its dev mode."""

    def __init__(self):
        self.token = ""
        self.direct("")
        line = [BINARY, "dev", "--listen", f"127.0.0.1:{PORT}", "--data", DATA]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline(), "it does not greet"

    def direct(self, token):
        """Tells its dev mode that the store has all that it would make."""
        known = dict.fromkeys(("base_url", "tenant_url", "mailbox_url"), "") | {
            "tenant": "acme",
            "admin_email": OWNER,
            "admin_password": CHOSEN,
            "api_token": token,
            "user_email": user(1),
            "user_password": OWN,
        }
        (DATA / "dev.json").write_text(json.dumps(known))

    def call(self, method, path, body=None, tenant="acme", expected=200, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers |= {"Host": f"{tenant}.localhost:{PORT}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == expected, (path, body, answer.status, text)
        return answer, text

    def ask(self, path, body, **headers):
        return self.call("POST", path, body, Authorization=f"APIToken {self.token}", **headers)

    def redeem(self, link, password=OWN):
        self.call("POST", "/reset", {"token": link.split("#")[1], "password": password}, expected=204)

    def sign_in(self, email, password, expected=204):
        answer, _ = self.call("POST", "/signin", {"email": email, "password": password}, expected=expected)
        return answer.getheader("Set-Cookie", "").split(";")[0]

    def reset(self, number, **headers):
        answer, _ = self.ask("/api/web/custom/password/admin_reset", {"email": user(number)}, **headers)
        return answer.getheader("Tenantry-Reset-Id")

    def link(self, number, count):
        """The newest link to a user, once so many mails are there."""
        for _ in range(1_500):
            mails = json.loads(self.call("GET", "/dev/mailbox", Accept="application/json")[1])
            mine = [mail for mail in mails if mail["to"] == user(number)]
            if len(mine) >= count:
                return [mail["link"] for mail in mine if mail["link"]][-1]
            time.sleep(0.01)
        raise AssertionError(f"{user(number)} has fewer than {count} mails")

    def invite(self, number, **more):
        roles = [{"namespace": "team-a", "role": "ves-io-monitor-role"}]
        body = {"email": user(number), "first_name": "Nora", "namespace_roles": roles} | more
        self.ask(f"{SYSTEM}/user_roles", body)

    def in_the_mood(self, mood, act):
        """What is asked for while the relay behaves so; the outbox then has the mail in hand."""
        self.call("POST", "/dev/faults", {"mail": mood})
        act()
        time.sleep(0.7)

    def credential(self, name):
        wish = {"name": name, "spec": {"type": "API_TOKEN"}}
        return json.loads(self.ask("/api/web/namespaces/system/api_credentials", wish)[1])


def tenants():
    """Two tenants, and the first link of each owner."""
    links = []
    for tenant, email in (("acme", OWNER), ("globex", NEWCOMER)):
        made = run("init", "--tenant", tenant, "--email", email, "--public-url", HOST, "--data", DATA, "--json")
        links.append(json.loads(made)["link"])
    return links


def live(server, facts):
    """People come and go, one in each state."""
    server.ask("/api/web/namespaces", {"metadata": {"name": "team-a"}, "spec": {}})
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12):
        server.invite(number)
    server.invite(13, idm_type="SSO")
    for number in (1, 2, 3, 4, 5, 6, 11, 12):
        server.redeem(server.link(number, 1))
    server.reset(2)
    facts["link_by_the_first_key"] = server.link(2, 3)
    for expected in (401,) * 5 + (429,) * 3:
        server.sign_in(user(3), "not it at all, not at all", expected)
    server.ask("/api/tenantry/v1/users/disable", {"email": user(4)})
    session = server.sign_in(user(5), OWN)
    wish = {"current_password": OWN, "password": "a lantern over quiet harbour water"}
    server.call("POST", "/account/password", wish, expected=204, Cookie=session)
    facts["keyed_reset"] = server.reset(6, Idempotency_Key="monday")
    facts["first_link_of_a_user"] = server.link(7, 1)
    server.ask(f"{SYSTEM}/users/cascade_delete", {"email": user(8)})
    facts["session_of_a_user"] = server.sign_in(user(11), OWN)
    for _ in range(2):
        server.call("POST", "/forgot", {"email": user(12)})
        time.sleep(1)
    facts["link_by_own_wish"] = server.link(12, 3)
    run("key", "rotate", "--data", DATA)
    time.sleep(1.5)
    server.reset(1)
    facts["link_by_the_second_key"] = server.link(1, 3)
    gone = server.credential("gone")["name"]
    server.ask("/api/web/namespaces/system/revoke/api_credentials", {"name": gone, "namespace": "system"})
    server.in_the_mood("bounce", lambda: server.invite(9))
    server.in_the_mood("refuse", lambda: server.invite(10))
    server.in_the_mood("stall", lambda: server.reset(5))
    # No link of the chain holds the record of this.
    server.credential("last")


def fill():
    """A store whose server was killed, and what its clients were told."""
    first, newcomers = tenants()
    facts = {"first_link_of_an_owner": newcomers}
    server = Server()
    try:
        server.redeem(first, CHOSEN)
        facts["session"] = server.sign_in(OWNER, CHOSEN)
        wish = {"name": "first", "spec": {"type": "API_TOKEN"}}
        made = server.call("POST", "/api/web/namespaces/system/api_credentials", wish, Cookie=facts["session"])
        server.token = facts["token"] = json.loads(made[1])["data"]
        live(server, facts)
    finally:
        server.process.kill()
        server.process.wait()
    return facts | {"owners_password": CHOSEN, "users_password": OWN}


def keep(name, data):
    (HERE / name).write_bytes(gzip.compress(data, 9, mtime=0))


def archive(*names):
    """Files of the data directory, as the server left them when it was killed."""
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        for name in names:
            archive.add(DATA / name, name)
    return archived.getvalue()


def postgres(place):
    """The older release moves its store into PostgreSQL; what pg_dump makes of that."""
    cluster, as_postgres = PLACE / "cluster", ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    cluster.mkdir()
    if as_postgres:
        PLACE.chmod(0o755)
        shutil.chown(cluster, "postgres")
    program = lambda name, *line: subprocess.run(
        [*as_postgres, PROGRAMS / name, *line], cwd="/", check=True, stdout=subprocess.PIPE
    ).stdout
    program("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D", cluster)
    socket = f"-k {cluster} -c listen_addresses=127.0.0.1 -p {PORT}"
    program("pg_ctl", "-D", cluster, "-o", socket, "-l", cluster / "log", "-w", "start")
    try:
        reach = ["-h", "127.0.0.1", "-p", str(PORT), "-U", "postgres"]
        program("psql", *reach, "-qc", "CREATE ROLE tenantry LOGIN")
        program("createdb", *reach, "-O", "tenantry", "store")
        run("move", "--from", f"sqlite:{place}", "--to", f"postgres://tenantry@127.0.0.1:{PORT}/store")
        form = ["--no-owner", "--no-privileges", "--rows-per-insert=50", "--table=public.*"]
        dumped = program("pg_dump", *reach, *form, "store")
        # What only the program of the same day understands.
        return b"".join(line for line in dumped.splitlines(True) if not line.startswith(b"\\"))
    finally:
        program("pg_ctl", "-D", cluster, "-m", "fast", "-w", "stop")


def main():
    facts = fill()
    facts["moment"] = time.time_ns() // 1_000
    keep("embedded.tar.gz", archive("tenantry.db", "tenantry.db-wal"))
    made = run("backup", "--to", PLACE / "monday.backup", "--data", DATA, "--json")
    facts["tables"] = json.loads(made)["tables"]
    keep("monday.backup.gz", (PLACE / "monday.backup").read_bytes())
    keep("postgres.sql.gz", postgres(DATA))
    (HERE / "link.keys").write_bytes((DATA / "link.keys").read_bytes())
    (HERE / "facts.json").write_text(json.dumps(facts, indent=2) + "\n")
    shutil.rmtree(PLACE)


main()
