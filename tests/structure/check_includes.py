"""Refuses an #include that goes against the allowed directions between rooms (docs/architecture.md)."""

import pathlib
import re
import sys

# room: the rooms that it may include, besides itself
ALLOWED = {
    "include": set(),
    "core": {"include"},
    "server/types": {"include"},
    "server/functions": {"include", "server/types"},
    "server/query": {"include", "server/types", "server/functions"},
    "server/storage": {"include", "server/types"},
    "server/catalog": {"include", "server/types", "server/functions", "server/query",
                       "server/storage"},
    "server/exec": {"include", "server/types", "server/functions", "server/query",
                    "server/catalog", "server/storage"},
    "server/tls": set(),
    "server/pgwire": {"server/exec", "server/query", "server/types", "server/tls"},
    "server/http": {"server/exec", "server/query", "server/types", "server/tls"},
    "server/app": {"server/pgwire", "server/http", "server/exec", "server/storage", "server/types",
                   "server/tls"},
    "extension": {"include"},
    "demo": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def room_of(path):
    parts = path.split("/")
    if parts[0] == "dvecdb":
        return "include"
    return "/".join(parts[:2]) if parts[0] == "server" else parts[0]


def wrong_includes(root, room, allowed):
    for path in sorted((root / room).rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        for target in INCLUDE.findall(path.read_text()):
            used = room_of(target)
            if "/" in target and used in ALLOWED and used != room and used not in allowed:
                yield f"{path.relative_to(root)} includes {target}"


def main():
    root = pathlib.Path(sys.argv[1])
    wrong = [line for room, allowed in ALLOWED.items()
             for line in wrong_includes(root, room, allowed)]
    print("\n".join(wrong) or f"all includes of {len(ALLOWED)} rooms go the allowed way")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
