#!/usr/bin/env python3
"""Figures of the structure of src/: lines of files and functions, folders that a change touches, circles of imports.

    tools/structure.py [REVISION ...]      the working tree without an argument, else each of these revisions

Lines are those of product code: a module of tests at the end of a file, files of tests and blank lines do not count. A
function ends at the brace that stands where it began, which is how rustfmt writes it. A circle is a set of files each
of which imports, over others, itself; `mod` and a door's own re-exports are no imports.
"""

import io
import re
import statistics
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IS_TEST = re.compile(r"(^|/|_)tests\.rs$")
FUNCTION = re.compile(r"^( *)(pub(\([a-z ]+\))? )?(const )?(async )?fn \w+")
IMPORT = re.compile(r"^(?:pub(?:\([a-z ]+\))? )?use (crate|super|self)(::[^;]+);", re.M)


def git(*arguments):
    return subprocess.run(["git", "-C", ROOT, *arguments], check=True, capture_output=True).stdout


def sources(revision):
    """Path and text of every product file, of a revision or of the working tree."""
    if revision is None:
        found = {str(path.relative_to(ROOT)): path.read_text() for path in ROOT.glob("src/**/*.rs")}
    else:
        with tarfile.open(fileobj=io.BytesIO(git("archive", revision, "src"))) as archive:
            members = [member for member in archive if member.name.endswith(".rs")]
            found = {member.name: archive.extractfile(member).read().decode() for member in members}
    without_tests = {path: text.split("\n#[cfg(test)]\nmod ")[0] for path, text in found.items()}
    return {path: text for path, text in without_tests.items() if not IS_TEST.search(path)}


def functions(text):
    """The lines of each function."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        match = FUNCTION.match(line)
        if not match:
            continue
        end = next((n for n in range(start, len(lines)) if lines[n].rstrip() == match[1] + "}"), None)
        one_line = line.rstrip().endswith("}")
        if one_line or end is not None:
            yield 1 if one_line else end - start + 1


def names(tree, prefix=()):
    """The paths in the braces of a `use`."""
    depth, start, parts = 0, 0, []
    for at, letter in enumerate(tree):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(tree[start:at])
            start = at + 1
    for part in [*parts, tree[start:]]:
        head, brace, rest = part.strip().partition("{")
        path = prefix + tuple(word.strip() for word in head.split("::") if word.strip())
        if brace:
            yield from names(rest.rstrip().removesuffix("}"), path)
        elif path:
            yield tuple(word.split(" as ")[0] for word in path)


def module(path):
    parts = Path(path).with_suffix("").parts[1:]
    return parts[:-1] if parts[-1] in ("mod", "lib", "main") else parts


def imports(files):
    """For each file the files that it imports from."""
    places = {module(path): path for path in files}
    for path, text in files.items():
        own, found = module(path), set()
        for match in IMPORT.finditer(text):
            base = {"crate": (), "self": own, "super": own[:-1]}[match[1]]
            for name in names(match[2].removeprefix("::")):
                whole = base
                for word in name:
                    whole = whole[:-1] if word == "super" else whole + (word,)
                while whole and whole not in places:
                    whole = whole[:-1]
                # A door stands for its room: to take a name from it is no way into the files behind it.
                if whole and places[whole] != path and own[: len(whole)] != whole:
                    found.add(places[whole])
        yield path, found - ({path} if Path(path).name != "mod.rs" else {p for p in found if module(p)[:len(own)] == own})


def circles(graph):
    """Sets of files that reach one another (Tarjan 1972)."""
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in order:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == order[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    sys.setrecursionlimit(10_000)
    for node in graph:
        if node not in order:
            visit(node)
    return found


def rooms(graph):
    """The same graph, a node for each folder or file directly under src/."""
    joined = {}
    for path, others in graph.items():
        room = Path(path).parts[1].removesuffix(".rs")
        joined.setdefault(room, set()).update(Path(other).parts[1].removesuffix(".rs") for other in others)
    return {room: others - {room} for room, others in joined.items()}


def scatter(revision):
    """Folders of src/ that a commit touches, the mean over the last hundred that touch any."""
    log = git("log", "--no-merges", "--name-only", "--format=%x00", revision or "HEAD", "--", "src").decode()
    commits = [{str(Path(name).parent) for name in commit.split("\n") if name} for commit in log.split("\0")]
    return statistics.mean(len(commit) for commit in [commit for commit in commits if commit][:100])


def spread(values):
    ordered = sorted(values)
    return f"{statistics.median_low(ordered)} / {ordered[len(ordered) * 9 // 10]} / {ordered[-1]}"


def row(revision):
    files = sources(revision)
    lines = [sum(1 for line in text.splitlines() if line.strip()) for text in files.values()]
    of_functions = [length for text in files.values() for length in functions(text)]
    graph = dict(imports(files))
    found = sorted(circles(graph), key=len)
    print(f"## {revision or 'working tree'}\n")
    print(f"- files {len(files)}, lines {sum(lines)}, functions {len(of_functions)}")
    print(f"- lines of a file, middle / of ten nine / most: {spread(lines)}")
    print(f"- lines of a function: {spread(of_functions)}")
    print(f"- folders that a change touches, of the last hundred: {scatter(revision):.2f}")
    print(f"- circles of files: {len(found)}" + "".join(f"\n  - {', '.join(circle)}" for circle in found))
    print(f"- circles of rooms: {circles(rooms(graph)) or 'none'}\n")


for wanted in sys.argv[1:] or [None]:
    row(wanted)
