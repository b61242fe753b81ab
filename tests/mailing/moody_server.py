"""A mail server in a bad mood: slow, or it refuses, forgets and hangs up at random moments. It keeps what it took.

`--mood slow` answers each mail after 30 ms. `--mood wild` now and then refuses for a while (4xx) or for ever (5xx),
hangs up before, during or after a mail, also after it has kept it.
"""

import argparse
import asyncio
import random
from pathlib import Path

from crm.launcher.mail_sink import MOST, Keeper, serve, server


class Slow(Keeper):
    """Each mail takes 30 ms."""

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(0.03)
        return await super().handle_DATA(server, session, envelope)


class Wild(Keeper):
    """Anything may happen."""

    chance = random.Random(7)

    async def handle_RCPT(self, server, session, envelope, address, _options):
        mood = self.chance.random()
        if address.startswith("gone"):
            return "550 5.1.1 No such user"
        if mood < 0.1:
            return "451 4.7.1 Greylisted"
        if mood < 0.15:
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mood = self.chance.random()
        if mood < 0.1:
            return "452 4.2.2 Mailbox full"
        if mood < 0.15:
            return "421 4.3.2 Going down"
        if mood < 0.2:
            server.transport.abort()
            return "250 never heard"
        answer = await super().handle_DATA(server, session, envelope)
        if mood < 0.3:
            server.transport.abort()
        return answer


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--mood", choices=["slow", "wild"])
    parser.add_argument("--most", type=int, default=MOST)
    given = parser.parse_args()
    kind = {"slow": Slow, "wild": Wild}[given.mood]
    asyncio.run(serve(kind(given.directory, given.most), given.port, server))
