"""Which column of a file is which of ours: known exports, what was chosen last time, names, and what stands in it."""

from __future__ import annotations

import re
from collections import defaultdict
from hashlib import sha256

from crm import standards
from crm.importing.rows import RememberedMapping

LOOKS_LIKE_IT = 0.7  # share of the cells that are filled
SAMPLE = 200  # rows looked at
LOOKED_AT = 500  # characters of a cell; an address of a person or a page has fewer
_WORDS = re.compile(r"[^a-z0-9]+")
REASON = "Reason"
"""The last column of the file of refused rows; it says nothing about a record."""


def plain(name):
    """Return a column's name to be compared: "E-Mail Adresse" -> "e mail adresse"; signs alone stay as they are."""
    return _WORDS.sub(" ", standards.sort_key(name)).strip() or name.strip()


def fingerprint(header):
    """Return what tells files with such columns from others, whatever their order."""
    names = sorted({plain(name) for name in header if name and name != REASON})
    return sha256("\n".join(names).encode()).hexdigest()


class Guess:
    """What is proposed for a file. `mapping`: a key or "" for each of its columns; `source`: the program, if known."""

    def __init__(self, importable, header, sample, user):
        """`sample`: some rows, as lists of texts."""
        self.importable, self.header, self.user = importable, header, user
        self.columns = importable.open_to(user)
        self.allowed = {column.key for column in self.columns}
        self.sample = [_texts(sample, place) for place in range(len(header))]
        self.known = self._known()
        self.remembered = RememberedMapping.objects.filter(
            user=user, kind=importable.kind, fingerprint=fingerprint(header)
        ).first()
        self.mapping = self._mapping()

    @property
    def source(self):
        return self.known.name if self.known else ""

    @property
    def whole(self):
        """What holds for every row of a known export whose columns do not say it, {key: value}."""
        return dict(self.known.whole) if self.known else {}

    def _known(self):
        names = {plain(name) for name in self.header}
        return next((one for one in self.importable.exports if names.issuperset(map(plain, one.marks))), None)

    def _mapping(self):
        found = [""] * len(self.header)
        taken: set[str] = set()
        for source in (self._chosen, self._of_export, self._named, self._looking):
            for place, name in enumerate(self.header):
                if not found[place] and name != REASON:
                    key = source(place, plain(name))
                    if key == "-":
                        found[place] = key
                    elif key in self.allowed and self._is_free(key, taken):
                        found[place] = key
                        taken.add(key)
        return ["" if key == "-" else key for key in found]

    def _is_free(self, key, taken):
        column = self.importable.by_key[key]
        return column.several or column.between or key not in taken

    def _chosen(self, _place, name):
        """What was chosen last time; what was left out then is left out again ("-")."""
        return self.remembered.mapping.get(name, "") or "-" if self.remembered else ""

    def _of_export(self, _place, name):
        if self.known is None:
            return ""
        if name in set(map(plain, self.known.left)):
            return "-"
        return {plain(one): key for one, key in self.known.mapping.items()}.get(name, "")

    def _named(self, _place, name):
        bare = re.sub(r" ?\d+$", "", name)
        for wanted in (name, bare):
            for column in self.columns:
                if wanted and wanted in self._names_of(column):
                    return column.key
        return ""

    @staticmethod
    def _names_of(column):
        return {plain(str(column.label)), column.key.replace("_", " "), *map(plain, column.names)}

    def _looking(self, place, _name):
        texts = self.sample[place]
        if not texts:
            return ""
        for column in self.columns:
            if column.looks and sum(map(column.looks, texts)) >= LOOKS_LIKE_IT * len(texts):
                return column.key
        return ""


def _texts(sample, place):
    texts = (row[place].strip()[:LOOKED_AT] for row in sample[:SAMPLE] if place < len(row))
    return [text for text in texts if text]


def meanings(column, user):
    """Return {name, as names of values are compared: value} of a column with choices; what several are called is "".

    An address is compared as it is, anything else by its words in any language.
    """
    labels, others = defaultdict(set), defaultdict(set)
    for value, label in column.choices(user).items():
        labels[_called(str(label))].add(value)
    for value, names in column.choices.names(user).items():
        for name in names:
            others[_called(name)].add(value)
    found = {**others, **labels}
    return {name: next(iter(some)) if len(some) == 1 else "" for name, some in found.items() if name}


def _called(name):
    return name.strip().casefold() if "@" in name else plain(name)


def guessed_values(texts, meant):
    """Return {text of the file: value of ours or ""}. `meant`: what `meanings` gave."""
    return {text: meant.get(_called(text), "") for text in dict.fromkeys(texts)}


def remember(asked):
    """Keep how a file was mapped for the next one with such columns."""
    mapping = {plain(name): key for name, key in zip(asked.header, asked.mapping, strict=True) if name}
    RememberedMapping.objects.update_or_create(
        user=asked.user, kind=asked.kind, fingerprint=fingerprint(asked.header),
        defaults={"mapping": mapping, "values": asked.values, "options": asked.options},
    )  # fmt: skip
