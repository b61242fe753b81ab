"""How much of a file is read. What goes beyond is refused with a reason; nothing of it is kept then."""

MOST_BYTES = 50 * 1024 * 1024  # the file
UNPACKED_BYTES = 400 * 1024 * 1024  # what a spreadsheet says that it unpacks to
UNPACKED_RATIO = 200  # times its size; real ones reach 30
PACKED_FILES = 2_000  # inside a spreadsheet
MOST_ROWS = 200_000
MOST_COLUMNS = 500
LONGEST_CELL = 100_000  # characters
LONGEST_NAME = 200  # characters of a column's name
LONGEST_LINE = 1_000_000  # characters of a line of an address card, pictures left out
BATCH_ROWS = 2_000  # rows of an answer
SECONDS = 20  # the whole file
MEMORY_BYTES = 1024 * 1024 * 1024  # address space of the process that reads
