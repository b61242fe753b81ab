"""Names of companies without what differs from letter head to letter head."""

import re

from crm.matching.vocabulary import JOINING_WORDS, LEGAL_FORMS, SHORT_FORMS_OF_COMPANIES
from crm.matching.words import WORD, folded, is_placeholder

_BRANCH = re.compile(r"\([^)]*\)")


def company_name(text):
    """Return the words of a company's name that tell it apart: no legal form, no "and", no branch in brackets."""
    if is_placeholder(text):
        return ""
    bare = _BRANCH.sub(" ", text) if "(" in text else text
    folded_text = folded(bare).replace("'", "").replace(".", "")
    words = [SHORT_FORMS_OF_COMPANIES.get(word, word) for word in WORD.findall(folded_text)]
    if len(words) > 1 and words[0] == "the":
        del words[0]
    telling = [word for word in words if word not in LEGAL_FORMS and word not in JOINING_WORDS]
    return " ".join(telling or words)


def sorted_words(name):
    """Return the words in the order of the alphabet."""
    return " ".join(sorted(name.split()))
