"""Runs the commands of a guide, and compares what they print with what the guide shows.

A block is a fence without a language whose first line is `$ command`. All blocks of a page are one
session of bash, one after the other. Commands go on where the line ends in a backslash, or while quotes
or a here-document are open. What begins with `make` was run before. Lines of output that say `...` stand for any lines."""

import dataclasses
import os
import pathlib
import re
import subprocess
import threading

LONGEST_COMMAND = 300

# What differs from run to run, and what is shown in its place when outputs are compared.
VARIABLE = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "TIME"),
    (r"\d{8}T\d{6}Z?", "TIME"),
    (r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4}", "TIME"),
    (r"\b10\.(96|98|244)\.\d+\.\d+\b", "ADDRESS"),
    (r"\bpvc-[0-9a-f-]{36}\b", "VOLUME"),
    (r"\b\d+(\.\d+)? ?(ms|s|m|m\d+s)\b", "DURATION"),
    (r":3\d{4}/", ":NODEPORT/"),
    (r"\b\d+ (files|bytes)\b", r"NUMBER \1"),
    (r"\bpid \d+|\[\d+\] \d+", "PROCESS"),
    (r'("(duration_ms|uptime_seconds|free_bytes|value|bytes)"): ?[0-9.e+]+', r"\1:NUMBER"),
    (r" +", " "),
    (r"\b[a-z-]+-[0-9a-z]{5}\b(?= +\d/\d)", "POD"),
]
# Progress: how often it is told depends on when it is asked.
PROGRESS = re.compile(r"^(Waiting for|waiting for)")


@dataclasses.dataclass
class Command:
    text: str
    shown: list
    line: int


def is_open(text):
    """Whether bash would ask for another line."""
    if text.endswith("\\"):
        return True
    done = subprocess.run(["bash", "-n", "-c", text], stderr=subprocess.PIPE, text=True, check=False)
    return any(sign in done.stderr for sign in ("unexpected end of file", "unexpected EOF", "here-document"))


def blocks(lines):
    """(first, end) of the lines inside each fence without a language."""
    begin = None
    for number, line in enumerate(lines):
        if begin is None and line.startswith("```"):
            begin = number + 1
        elif begin is not None and line.startswith("```"):
            if lines[begin - 1] == "```":
                yield begin, number
            begin = None


def commands(lines, begin, end):
    found = []
    number = begin
    while number < end:
        if not lines[number].startswith("$ "):
            if found:
                found[-1].shown.append(lines[number])
            number += 1
            continue
        first, text = number, lines[number][2:]
        while is_open(text) and number + 1 < end:
            number += 1
            text += "\n" + lines[number]
        found.append(Command(text, [], first))
        number += 1
    return found


class Session:
    """A bash that lives as long as a page."""

    def __init__(self, folder, environment):
        self.process = subprocess.Popen(["bash", "--norc"], cwd=folder, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, text):
        """(exit code, lines)"""
        mark = "end-of-command"
        clock = threading.Timer(LONGEST_COMMAND, self.process.kill)
        clock.start()
        self.process.stdin.write(f"{text}\nprintf '\\n{mark} %s\\n' $?\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(mark):
                code = int(line.split()[1])
                break
            lines.append(line.rstrip())
        else:
            raise RuntimeError(f"bash ended, or was ended after {LONGEST_COMMAND} s, in: {text}")
        clock.cancel()
        while lines and not lines[-1]:
            lines.pop()
        return code, lines

    def end(self):
        # What it has put into the background holds its output open.
        self.process.stdin.write("kill $(jobs -p) 2>/dev/null; exit 0\n")
        self.process.stdin.close()
        self.process.wait(timeout=30)


def without_variables(lines):
    result = []
    for line in lines:
        if PROGRESS.match(line):
            continue
        for pattern, replacement in VARIABLE:
            line = re.sub(pattern, replacement, line)
        result.append(line.strip())
    return result


def matches(shown, printed):
    """Whether the lines are the same; `...` among those shown stands for any."""
    pattern = "\n".join(r"(.*\n)*.*" if line == "..." else re.escape(line) for line in without_variables(shown))
    return re.fullmatch(pattern, "\n".join(without_variables(printed))) is not None


def run_page(path, folder, environment, write):
    """Runs a page's commands; the faults found, as sentences. `write` puts what they print into it."""
    path = pathlib.Path(path)
    lines = path.read_text().splitlines()
    session = Session(folder, environment)
    faults, edits, count = [], [], 0
    try:
        for begin, end in blocks(lines):
            for command in commands(lines, begin, end):
                if command.text.startswith("make "):
                    continue
                print(f"{path.name}:{command.line + 1}: {command.text}", flush=True)
                code, printed = session.run(command.text)
                count += 1
                for line in printed:
                    print("    " + line, flush=True)
                where = f"{path}:{command.line + 1}: {command.text}"
                if code != 0:
                    return count, [*faults, f"{where}\n  exit code {code}: " + "\n  ".join(printed)]
                if not matches(command.shown, printed):
                    faults.append(f"{where}\n  printed:\n  " + "\n  ".join(printed))
                edits.append((command, printed))
    finally:
        session.end()
    if write:
        write_outputs(path, lines, edits)
    return count, faults


def write_outputs(path, lines, edits):
    for command, printed in reversed(edits):
        if "..." in command.shown or matches(command.shown, printed):
            continue
        begin = command.line + command.text.count("\n") + 1
        lines[begin:begin + len(command.shown)] = printed
    path.write_text("\n".join(lines) + "\n")


def environment_of(tools, kubeconfig, home):
    return {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(home), "KUBECONFIG": str(kubeconfig),
            "LANG": "C.UTF-8", "TZ": "UTC"}
