#!/usr/bin/env python3
"""Makes manual pages, one for each command, of what the command declares.

    Packaging/make_man.py TESSERA FOLDER --version VERSION --date YYYY-MM-DD

TESSERA is the command; it tells its declarations by `--experimental-dump-help`, from which its
`--help` comes, too. FOLDER gets tessera.1, tessera-run.1 and so on. A word in capitals on a line of
its own, in what a command says about itself, becomes a section, and what is indented keeps its
lines.

The generate-manual of swift-argument-parser is not used: it fills a command's whole text into
paragraphs, examples and tables too, wants the names of authors, and puts an exit status of its own
(0, or larger than 0) on every page, which is not that of this command.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys


def escaped(text):
    """Text as roff prints it: no sign of it is a command."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return "\\&" + text if text.startswith(".") else text


def name_of(name):
    dashes = "--" if name["kind"] == "long" else "-"
    return f"\\fB{escaped(dashes + name['name'])}\\fR"


def value_of(argument):
    return f"\\fI{escaped(argument.get('valueName', ''))}\\fR"


def synopsis_of(argument):
    """What stands for an argument behind the command's name."""
    if argument["kind"] == "positional":
        text = value_of(argument)
    else:
        text = name_of(argument["preferredName"])
        if argument["kind"] == "option":
            text += " " + value_of(argument)
    if argument["isOptional"]:
        text = f"[{text}]"
    return text + (" ..." if argument["isRepeating"] else "")


def entry_of(argument):
    """The lines that describe an argument."""
    if argument["kind"] == "positional":
        title = value_of(argument)
    else:
        title = ", ".join(name_of(name) for name in argument.get("names", []))
        if argument["kind"] == "option":
            title += " " + value_of(argument)
    lines = [".TP", title, escaped(argument.get("abstract", ""))]
    values = argument.get("allValues", argument.get("allValueStrings"))
    if values:
        lines.append(f"Values: {escaped(', '.join(values))}.")
    if "defaultValue" in argument:
        lines.append(f"Default: {escaped(argument['defaultValue'])}.")
    if "discussion" in argument:
        lines += [".IP", escaped(argument["discussion"])]
    return lines


def sections_of(discussion):
    """The texts under each heading; what stands before the first one is under the empty one."""
    sections = {"": []}
    heading = ""
    for line in discussion.splitlines():
        if re.fullmatch(r"[A-Z][A-Z ]+", line):
            heading = line
            sections[heading] = []
        else:
            sections[heading].append(line)
    return {heading: body for heading, body in sections.items() if any(map(str.strip, body))}


def body_of(lines):
    """Paragraphs, filled; what is indented, line by line."""
    made, verbatim = [], False
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    for line in lines:
        indented = line.startswith(" ")
        if line.strip() and indented != verbatim:
            made.append(".nf" if indented else ".fi")
            verbatim = indented
        if line.strip():
            made.append(escaped(line) if indented else escaped(line.strip()))
        elif made and made[-1] != ".PP":
            made.append(".PP")
    return made + ([".fi"] if verbatim else [])


def page_of(command, parents, root, version, date):
    """A page, as one text."""
    words = [*parents, command["commandName"]]
    title = "-".join(words)
    commands = [sub for sub in command.get("subcommands", []) if sub["commandName"] != "help"]
    arguments = [one for one in command.get("arguments", []) if one.get("shouldDisplay", True)]
    abstract = command["abstract"].rstrip(".")
    # The convention of man pages: what follows the dash is no sentence.
    abstract = abstract[0].lower() + abstract[1:]
    lines = [
        f'.TH {escaped(title.upper())} 1 "{date}" "Tessera {escaped(version)}" "Tessera"',
        ".SH NAME", f"{escaped(title)} \\- {escaped(abstract)}", ".SH SYNOPSIS"]
    shown = " ".join(f"\\fB{escaped(word)}\\fR" for word in words)
    if commands:
        lines += [f"{shown} \\fIcommand\\fR [\\fIarguments\\fR]", ".br"]
    lines.append(" ".join([shown, *map(synopsis_of, arguments)]))
    sections = sections_of(command.get("discussion", ""))
    lines += [".SH DESCRIPTION", *body_of([command["abstract"]])]
    if "" in sections:
        lines += [".PP", *body_of(sections.pop(""))]
    if commands:
        lines.append(".SH COMMANDS")
        for sub in commands:
            lines += [".TP", f"\\fB{escaped(title + '-' + sub['commandName'])}\\fR(1)",
                      escaped(sub["abstract"])]
    for heading, kinds in [("ARGUMENTS", ["positional"]), ("OPTIONS", ["option", "flag"])]:
        chosen = [one for one in arguments if one["kind"] in kinds]
        if chosen:
            lines.append(f".SH {heading}")
            for argument in chosen:
                lines += entry_of(argument)
    sections.setdefault("EXIT STATUS", sections_of(root["discussion"])["EXIT STATUS"])
    for heading in sorted(sections, key=lambda name: name != "EXIT STATUS"):
        lines += [f".SH {heading}", *body_of(sections[heading])]
    if parents:
        lines += [".SH SEE ALSO", f"\\fB{escaped('-'.join(parents))}\\fR(1)"]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--date", required=True)
    options = parser.parse_args()
    dumped = subprocess.run(
        [options.command, "--experimental-dump-help"], check=True, stdout=subprocess.PIPE)
    told = json.loads(dumped.stdout)
    if told["serializationVersion"] != 0:
        sys.exit(f"expected declarations of version 0, found {told['serializationVersion']}")
    root = told["command"]
    options.folder.mkdir(parents=True, exist_ok=True)

    def write(command, parents):
        text = page_of(command, parents, root, options.version, options.date)
        title = "-".join([*parents, command["commandName"]])
        (options.folder / f"{title}.1").write_text(text, "utf-8")
        for sub in command.get("subcommands", []):
            if sub["commandName"] != "help":
                write(sub, [*parents, command["commandName"]])

    write(root, [])


if __name__ == "__main__":
    main()
