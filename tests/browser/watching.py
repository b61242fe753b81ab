"""Listening to what browsers complain about: faults of scripts, violations of the policy, failed answers."""

import re

# An answer that refuses is not a fault of the page: the tests state which ones they expect.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


class Watch:
    """Notes errors and warnings in the console of the contexts it is put over, and answers of 500 and above."""

    def __init__(self):
        self.faults = []

    def over(self, context):
        context.on("console", self._note_message)
        context.on("weberror", lambda fault: self.faults.append(f"script: {fault.error}"))
        context.on("response", self._note_answer)
        return context

    def expect(self, words):
        """Take out the faults that hold these words; there must be one."""
        meant = [fault for fault in self.faults if words in fault]
        assert meant, f"no fault says {words!r}: {self.faults}"
        self.faults = [fault for fault in self.faults if fault not in meant]

    def _note_message(self, message):
        if message.type in {"error", "warning"} and not self._is_refusal(message):
            self.faults.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    @staticmethod
    def _is_refusal(message):
        return REFUSED.match(message.text) and "/static/" not in message.location.get("url", "")

    def _note_answer(self, response):
        if response.status >= 500:
            self.faults.append(f"answer: {response.status} {response.url}")
