"""Verifies a file of evidence by docs/admin/evidence.md and the standard library alone: evidence.py FILE KEY."""

import base64, hashlib, json, sys

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):  # RFC 8032, 5.1.4
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    found = (0, 1, 1, 0)
    while n:
        found, point, n = add(found, point) if n & 1 else found, add(point, point), n >> 1
    return found


def point(data):  # 5.1.3
    y, sign = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square, "no point"
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def signed(public, text, signature):  # 5.1.7
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % Q
    base = point(bytes.fromhex("58" + "66" * 31))
    a, b = times(s, base), add(point(signature[:32]), times(k, point(public)))
    return s < Q and (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def whole(number):
    return number.to_bytes(8, "big", signed=True)


def frame(data):
    return whole(len(data)) + data


def digest(tenant, r):
    texts = [r["action"], r["outcome"], r["actor"], r["subject"], r["address"], r["facts"]]
    used = r.get("credential")
    data = whole(tenant) + whole(r["at"]) + b"".join(frame(text.encode()) for text in texts)
    data += bytes([used is not None]) + frame((used or "").encode())
    return hashlib.sha256(data + (frame(bytes.fromhex(r["salt"])) if "salt" in r else b"")).digest()


def fact(record, name):
    return json.loads(record.get("facts", "{}")).get(name)


def of_user(said, incident, shared):
    """The records of a user's line: each is of the incident, and a redemption is of the link beside which it stands."""
    links = [said, *said.get("reminders", [])] if "record" in said else []
    found, redeems = [said["code_app"]] if "code_app" in said else [], []
    for link in links:
        record = link["record"]
        base = {} if "action" in record else shared
        found.append({**base, "at": said["at"], "subject": said["email"], **record})
        if "redeem" in link:
            redeems.append(link["redeem"])
            reset = fact(link["redeem"], "reset")
            assert reset is None or reset.replace("-", "") == record["id"], "a redemption of another link"
    assert said.get("record", {}).get("subject") in (None, said["email"]), "a record of another user"
    assert all(fact(record, "incident") == incident for record in found), "a record of something else"
    return found + redeems


def main(path, key):
    h, everything, told, found, users, previous = "", hashlib.sha256(), {}, set(), 0, None
    for number, line in enumerate(open(path, encoding="utf-8", newline="\n"), 1):
        said = json.loads(line)
        if "note" in said:
            break
        check = hashlib.sha256((h + line[: line.rindex(',"h":"')]).encode()).hexdigest()[:32]
        assert said["h"] == check, f"line {number} is not as it was written"
        h, everything = check, (everything.update(line.encode()), everything)[1]
        if number == 1:
            head, tenant = said, said["tenant_id"]
        shared, records = said.get("shared") or (number > 1 and shared), [said["act"]] if "act" in said else []
        if "n" in said:
            users += 1
            assert said["n"] == users, f"line {number} is of another user"
            records = of_user(said, head["incident"], shared)
        for record in records:
            told[record["id"]] = None if record.get("erased") or head["emails"] == "hidden" else digest(tenant, record)
        if "link" in said:
            link = said["link"]
            before, entries = bytes.fromhex(link["previous"]), base64.b64decode(link["entries"])
            assert previous in (None, before), f"line {number} is not the next link"
            previous = hashlib.sha256(
                whole(tenant) + whole(link["number"]) + whole(link["records"]) + whole(link["sealed_at"])
                + frame(entries) + frame(before)
            ).digest()
            width, entries = (32, entries) if len(entries) % 32 == 0 else (48, entries[1:])
            for at in range(0, len(entries), width):
                identity, kept = entries[at : at + 16].hex(), entries[at + 16 : at + width]
                if identity in told:
                    found.add(identity)
                    assert told[identity] is None or told[identity].startswith(kept), f"the record {identity} differs"
    assert found == set(told), "a record stands in no link"
    name, identity, public = key.split("+", 2)
    public = base64.b64decode(public)
    text, _, signature = said["note"].rpartition("\n\n")
    _, by, signature = signature.rstrip("\n").split(" ")
    signature, lines = base64.b64decode(signature), number - 1
    seal = base64.b64encode(everything.digest()).decode()
    origin = f"{head['installation']}/tenantry/{head['tenant']}/evidence"
    meant = f"{origin}\n{lines}\n{seal}\nhead {link['number']} {previous.hex()}"
    assert text == meant and said["lines"] == lines, "what is signed is not this file"
    assert hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8] == identity and by == name, "no such key"
    assert signature[:4].hex() == identity and signed(public[1:], (text + "\n").encode(), signature[4:]), "not signed"
    print(f"{users} users, {len(told)} records")


main(*sys.argv[1:])
