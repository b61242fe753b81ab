"""Why a file is not read to its end."""

TOO_BIG = "too_big"
EMPTY = "empty"
WRONG_TYPE = "wrong_type"
PROTECTED = "protected"
BROKEN = "broken"
NULS = "nuls"
NO_ROWS = "no_rows"
TOO_MANY_ROWS = "too_many_rows"
TOO_MANY_COLUMNS = "too_many_columns"
HUGE_CELL = "huge_cell"
BOMB = "bomb"
TOO_SLOW = "too_slow"
TOO_MUCH = "too_much_memory"
ENCODING = "encoding"


class Refused(Exception):
    """A file goes beyond a limit, or is no table. `reason`: one of the words above; `row`: where, if that is known."""

    def __init__(self, reason, row=None):
        super().__init__(reason, row)
        self.reason, self.row = reason, row
