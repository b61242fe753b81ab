# ruff: noqa: E501
"""How people mistype, shorten and lay out what they enter."""

from __future__ import annotations

import re

_PAIRS = """
Robert Bob,Rob; William Bill,Will; Elizabeth Liz,Beth; Margaret Maggie; James Jim; John Jack; Michael Mike; Katherine Kate;
Thomas Tom; Richard Rick,Dick; Joseph Joe; Edward Ted,Ed; Anthony Tony; Daniel Dan; Matthew Matt; Christopher Chris;
Patricia Pat,Trish; Jennifer Jen; Susan Sue; Rebecca Becky; Samantha Sam; Benjamin Ben; Alexander Alex; Nicholas Nick;
Andrew Andy; Stephen Steve; Steven Steve; Charles Charlie; David Dave; Timothy Tim; Gregory Greg; Jeffrey Jeff; Ronald Ron;
Deborah Debbie; Kimberly Kim; Victoria Vicky; Abigail Abby; Jessica Jess; Kenneth Ken; Joshua Josh; Jonathan Jon; Pamela Pam;
Johannes Hannes; Katharina Kathi; Maximilian Max; Elisabeth Lisi,Lisbeth; Josef Sepp; Friedrich Fritz; Sebastian Basti;
Andreas Andi; Wolfgang Wolfi; Alexandra Sandra; Christina Tina; Matthias Matze; Ulrike Uli; Susanne Susi; Heinrich Heinz;
Francisco Paco,Chico; José Pepe,Zé; Ignacio Nacho; Dolores Lola; Mercedes Merche; Guadalupe Lupe; Enrique Quique;
Manuel Manolo; Rosario Charo; Concepción Concha; Jesús Chus; Antonio Toño,Toni; Eduardo Edu; Isabel Isa; Rafael Rafa;
Frédéric Fred; Catherine Cathy; Véronique Véro; Dominique Dom; Stéphanie Steph; Alexandre Alex; Nicolas Nico; Philippe Phil;
Giuseppe Beppe; Francesco Franco; Alessandro Sandro; Luigi Gigi; Giovanni Gianni; Antonella Anto; Salvatore Totò; Roberto Robi;
António Toni; Margarida Guida; Oleksandr Sasha; Kateryna Katia; Volodymyr Vova; Anastasiia Nastia; Mariia Masha; Dmytro Dima;
Cornelis Kees; Wilhelmina Mien; Pieter Piet; Hendrik Henk; Małgorzata Gosia; Katarzyna Kasia; Aleksandra Ola; Agnieszka Aga;
László Laci; Erzsébet Bözsi; István Pisti; Konstantinos Kostas; Dimitrios Dimitris; Georgios Giorgos; Ioannis Giannis;
Kristian Kris; Margareta Greta; Magnus Mange; Lars Lasse; Bengt Benke; Gunnar Gunni; Mohammed Mo; Abdullah Abdul; Олександр Саша;
Катерина Катя; Володимир Вова; Наталія Наташа; Георги Гошо; Димитър Митко; Иван Ванко; Γιώργος Γεώργιος; Κώστας Κωνσταντίνος
"""
NICKNAMES = {
    name: shorts.split(",")
    for name, shorts in (pair.split() for pair in _PAIRS.replace("\n", " ").split(";") if pair.strip())
}
NICKNAMES.update(
    {short: [name] for name, shorts in list(NICKNAMES.items()) for short in shorts if short not in NICKNAMES}
)

_NEIGHBOURS = dict(zip("abcdefghijklmnopqrstuvwxyz", "svxsrdgjkhkjnbipewdrifcxtz", strict=True))


def mistyped(rng, text):
    """Return the text with one letter left out, doubled, exchanged with the next or with its neighbour on the keyboard."""
    if len(text) < 3:
        return text + text[-1:]
    at = rng.randrange(1, len(text) - 1)
    before, letter, after = text[:at], text[at], text[at + 1 :]
    slips = [before + after, before + letter * 2 + after, before + after[:1] + letter + after[1:]]
    if letter in _NEIGHBOURS:
        slips.append(before + _NEIGHBOURS[letter] + after)
    return rng.choice([slip for slip in slips if slip != text])


ZERO_ZERO = {*"NO SE DK FI DE AT CH FR NL GB IE ES PT IT PL CZ HU GR TR UA BG".split()}  # noqa: SIM905
"""Countries of the atlas in which 00 leads abroad."""


def other_layout(rng, number, region):
    """Return a phone number with other signs between its digits; dialled in the region it means the same."""
    digits = re.sub(r"\D", "", number)
    if number.startswith("+") and region in ZERO_ZERO and rng.random() < 0.4:
        return f"00{digits}"
    plus = "+" if number.startswith("+") else ""
    at = rng.choice([3, 4])
    return f"{plus}{digits[:at]}{rng.choice(['', ' ', '-', '/', '.'])}{digits[at:]}"
