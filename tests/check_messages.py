#!/usr/bin/env python3
"""Every message of the library stands in tests/messages.csv, with a test in which it appears, or with the reason why none makes it
appear. Messages are the formats that the sources give to the functions by which errors are made; what appears is noted by a build that
does so (preset messages, tests/faults/note_messages.h): ./dev messages runs its tests and writes the table anew, keeping reasons. A
row that says "open" is one for which nobody has found an input yet.

    check_messages.py SOURCE                  fails for a message without a row, a row without a message, or a row that says nothing
    check_messages.py SOURCE --write [NOTES]  adds what appeared, drops what is gone, and leaves new messages without a test empty"""
import argparse
import collections
import csv
import os
import pathlib
import re
import sys

FORMAT_AT = {"kr_fail": 2, "kr_fail_at": 2, "kr_h5_refuse": 2, "kr_theory_refuse": 1}
LENGTHS = {"PRIu64": "lu", "PRId64": "ld", "PRIu32": "u", "PRId32": "d"}
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[A-Za-z_]\w*|\d[\w.]*|//[^\n]*|/\*.*?\*/|\s+|.', re.S)
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "'": "'"}


def tokens_of(text):
    return [t for t in TOKEN.findall(text) if not t.isspace() and not t.startswith(("//", "/*"))]


def value(literal):
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), literal[1:-1])


def texts_of_macros(files):
    """#define NAME "text" of all files; numbers that are put into texts are left alone."""
    found = dict(LENGTHS)
    for text in files.values():
        for name, body in re.findall(r"^#define (\w+) (.*)$", text, re.M):
            parts = tokens_of(body)
            if parts and any(p.startswith('"') for p in parts) and all(p.startswith('"') or p in found for p in parts):
                found[name] = "".join(found.get(p, "") or value(p) if p in found else value(p) for p in parts)
    return found


def arguments_of(tokens, at):
    """From the opening parenthesis on: lists of tokens."""
    depth, arguments = 0, [[]]
    for token in tokens[at:]:
        depth += (token in "([{") - (token in ")]}")
        if not depth:
            return arguments
        if depth == 1 and token == ",":
            arguments.append([])
        elif depth > 1 or token != "(" or arguments != [[]]:
            arguments[-1].append(token)
    return arguments


def texts_in(argument, macros):
    """Neighbouring texts are one; others are alternatives, as on both sides of a colon."""
    found, now = [], None
    for token in [*argument, ";"]:
        part = value(token) if token.startswith('"') else macros.get(token)
        if part is not None:
            now = (now or "") + part
        elif now is not None:
            found.append(now)
            now = None
    return found


def messages_in(source):
    files = {}
    for folder in ("include", "landscapes", "sim", "viz"):
        for path in sorted((source / folder).rglob("*.[ch]")):
            files[path.relative_to(source)] = path.read_text()
    macros, found = texts_of_macros(files), collections.defaultdict(set)
    for path, text in files.items():
        tokens = tokens_of(text)
        for i, token in enumerate(tokens):
            if token not in FORMAT_AT or tokens[i + 1 : i + 2] != ["("]:
                continue
            arguments = arguments_of(tokens, i + 1)
            number = FORMAT_AT[token]
            for text in texts_in(arguments[number], macros) if number < len(arguments) else []:
                found[text].add(str(path))
    return {text: sorted(where) for text, where in found.items() if re.sub(r"%[-\d.*]*l*[a-z]", "", text).strip(" :'.,")}


def read_table(path):
    if not path.exists():
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        return {row["message"]: row for row in csv.DictReader(file)}


def write_table(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["message", "source", "test", "reason"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def noted(notes):
    """Of each message, the test that comes first in the alphabet, so that the table does not depend on who was faster."""
    seen = {}
    for line in pathlib.Path(notes).read_text(errors="replace").split("\n"):
        test, tab, text = line.partition("\t")
        if tab and test.startswith("test_") and (text not in seen or test < seen[text]):
            seen[text] = test
    return seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("--write", metavar="NOTES", nargs="?", const=os.devnull)
    chosen = parser.parse_args()
    path = chosen.source / "tests" / "messages.csv"
    messages, table = messages_in(chosen.source), read_table(path)
    if chosen.write:
        seen = noted(chosen.write)
        rows = []
        for text in sorted(messages):
            old = table.get(text, {"test": "", "reason": ""})
            test = seen.get(text.split("\n")[0], old["test"])
            rows.append({"message": text, "source": messages[text][0], "test": test, "reason": "" if test else old["reason"]})
        write_table(path, rows)
        table = read_table(path)
    wrong = [f"{messages[text][0]}: has no row in tests/messages.csv: {text!r}" for text in messages if text not in table]
    wrong += [f"tests/messages.csv: is in no source any more: {text!r}" for text in table if text not in messages]
    wrong += [f"tests/messages.csv: neither a test nor a reason: {text!r}" for text, row in table.items()
              if text in messages and not row["test"] and not row["reason"]]
    wrong += [f"tests/messages.csv: there is no test {row['test']}: {text!r}" for text, row in table.items()
              if row["test"] and not any((chosen.source / "tests").rglob(f"{row['test']}.*"))]
    for line in wrong:
        print(line)
    tested, still_open = sum(bool(row["test"]) for row in table.values()), sum(row["reason"] == "open" for row in table.values())
    print(f"{len(messages)} messages: {tested} appear in tests, {len(table) - tested - still_open} cannot be made to, {still_open} are open")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
