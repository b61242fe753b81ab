"""How much of one mail is read. What goes beyond is cut and said so, or the mail is refused with a reason."""

MOST_BYTES = 25 * 1024 * 1024  # a whole mail
HEADER_BYTES = 256 * 1024  # the head of a mail
PART_HEADER_BYTES = 32 * 1024  # the head of a part of it
MOST_HEADERS = 1000
VALUE_BYTES = 64 * 1024  # one field of a head, read for addresses; others are read up to a quarter of it
DEPTH = 20  # parts within parts
PARTS = 200
FALSE_BOUNDARIES = 10_000  # lines that begin like a boundary and are none
ADDRESSES = 200
REFERENCES = 50
LONGEST_ID = 500  # characters of a Message-ID
TEXT_BYTES = 1024 * 1024  # of a text or HTML part
TEXT_SIGNS = 200_000  # of the text kept
HTML_SIGNS = 500_000  # of the HTML kept
HTML_MARKS = 40_000  # signs < and = of HTML: with more, whoever reads it takes a time that grows with their square
HTML_DEPTH = 200  # elements within elements
COMBINING = 30  # signs in a row that combine with the one before, as in Unicode's stream-safe form
QUOTED_SIGNS = 50_000  # in which quoted text is looked for
QUOTE_SECONDS = 1
SECONDS = 4  # one mail; storing it and noting what became of it have the fifth
START_SECONDS = 60  # until the process that reads is there: a machine may be busy, and no mail is to blame for that
READY = b"ready\n"  # what it says then
MEMORY_BYTES = 200 * 1024 * 1024  # the whole address space of the process that reads
