"""Why a mail is not read to its end."""

TOO_BIG = "too_big"
HEADER = "header"
TOO_DEEP = "too_deep"
TOO_MANY = "too_many_parts"
BROKEN = "broken"
TOO_SLOW = "too_slow"
TOO_MUCH = "too_much_memory"
DIED = "reading_broke_off"


class Refused(Exception):
    """A mail goes beyond a limit, or is none. `reason`: one of the words above."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason
