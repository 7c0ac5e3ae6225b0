"""How much a suite of tests speaks of the things that a fault is about."""

import math
import re
from collections import Counter
from functools import cache

from tree import ROOT, target_of


def words(text):
    """The words in names, such as `plan` and `folder` in `PlanFolder`, without their endings."""
    found = re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}", text)
    return {re.sub(r"(e?s|e?d|ing)$", "", word.lower()) for word in found}


class Affinity:
    """Compares words of faults with those of tests; a word that few suites have counts more."""

    def __init__(self, tree):
        self.texts, self.files = {}, {}
        for path in tree.tracked:
            if path.startswith("Tests/") and path.endswith(".swift"):
                text = (ROOT / path).read_text()
                for name in re.findall(r"^(?:struct|final class|extension) (\w+)|@Suite.* (\w+) \{",
                                       text, re.MULTILINE):
                    suite = f"{target_of(path)}.{name[0] or name[1]}"
                    self.texts.setdefault(suite, set()).update(words(path + text))
                    self.files.setdefault(suite, []).append(path)
        self.counts = Counter(word for text in self.texts.values() for word in text)

    def weight(self, word):
        return math.log((1 + len(self.texts)) / (1 + self.counts[word]))

    @cache
    def of_fault(self, path, before):
        """The words of a fault with their weights; those of its file's name and folder twice."""
        named = words(path.split("/", 2)[2].rsplit(".", 1)[0])
        return {word: self.weight(word) * (2 if word in named else 1)
                for word in named | words(before) if self.counts[word]}

    def between(self, fault, suite):
        """From 0 to 1: which part of the fault's words the suite has."""
        weights = self.of_fault(fault.path, fault.before)
        whole = sum(weights.values())
        shared = sum(weights[word] for word in weights.keys() & self.texts.get(suite, set()))
        return shared / whole if whole else 0
