#!/usr/bin/env python3
"""Makes the texts that a Debian package has in its folder of documents.

    Packaging/make_deb_texts.py changelog CHANGELOG.md VERSION MAINTAINER
    Packaging/make_deb_texts.py copyright THIRD-PARTY YEARS

The changelog is CHANGELOG.md, in Debian's form, from VERSION on: a heading of what is not released
yet counts for VERSION, at the time that SOURCE_DATE_EPOCH tells, where there is none of that. The
copyright is that of Tessera and of what is linked in statically; libraries that are packages of
their own have theirs with them.
"""

import datetime
import email.utils
import os
import pathlib
import re
import sys
import textwrap

APACHE = pathlib.Path("/usr/share/common-licenses/Apache-2.0")
HEADING = re.compile(r"^## \[([^\]]+)\](?: – (\d{4}-\d{2}-\d{2}))?$")


def changelog(path, version, maintainer):
    entries = []
    for line in pathlib.Path(path).read_text("utf-8").splitlines():
        heading = HEADING.match(line)
        if heading:
            entries.append((heading[1], heading[2], []))
        elif entries and line.startswith("- "):
            entries[-1][2].append(line[2:])
        elif entries and line.startswith("  ") and entries[-1][2]:
            entries[-1][2][-1] += " " + line.strip()
    texts = []
    is_out = any(name == version for name, _, _ in entries)
    for place, (name, day, changes) in enumerate(entries):
        if day is None and is_out:
            continue
        if day is None:
            name, time = version, datetime.datetime.fromtimestamp(
                int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
        else:
            # Versions of one day came one after the other.
            earlier = sum(other == day for _, other, _ in entries[place + 1:])
            time = datetime.datetime.fromisoformat(f"{day}T{earlier:02}:00:00+00:00")
        body = "\n".join(
            textwrap.fill(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", change), 78,
                          initial_indent="  * ", subsequent_indent="    ")
            for change in changes)
        texts.append(f"tessera ({name}) stable; urgency=medium\n\n{body}\n\n"
                     f" -- {maintainer}  {email.utils.format_datetime(time)}\n")
    if not texts or not texts[0].startswith(f"tessera ({version}) "):
        sys.exit(f"{path}: expected the changes of {version} first")
    print("\n".join(texts), end="")


def beyond(text, end="END OF TERMS AND CONDITIONS"):
    """What a licence says besides the Apache License, which Debian has; all where it is another
    one."""
    terms, found, rest = text.partition(end)
    common = APACHE.read_text("utf-8").partition(end)[0]
    first = "TERMS AND CONDITIONS FOR USE"
    if not found or terms.partition(first)[2].split() != common.partition(first)[2].split():
        return text
    exception = rest.find("## ")
    return (f"The Apache License, Version 2.0, as in {APACHE}"
            + (", and:\n\n" + rest[exception:] if exception >= 0 else "."))


def copyright_of(third_party, years):
    folder = pathlib.Path(third_party)
    print(f"""Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: tessera

Files: *
Copyright: {years} Tessera maintainers
License: Apache-2.0
 On Debian systems the text is in {APACHE}.
Comment:
 The following is linked into the command, under the licences that it came with.""")
    # What has a "copyright" is a Debian package, which this one depends on.
    for path in sorted(folder.glob("*/LICEN[SC]E*")):
        print(f" .\n {path.parent.name}:\n .")
        for line in beyond(path.read_text("utf-8")).splitlines():
            print(f"  {line.strip()}" if line.strip() else " .")


if __name__ == "__main__":
    {"changelog": changelog, "copyright": copyright_of}[sys.argv[1]](*sys.argv[2:])
