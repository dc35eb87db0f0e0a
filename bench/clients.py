"""Many telephones at once: connections kept open, a ballot after the other, every answer looked at.

Plain asyncio on sockets, so that the load generator takes little of the two cores it shares with what it
measures. A client that got no answer, or a 503, sends the same ballot again, as the voters' page does.
"""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Journal:
    """What the telephones were told. `acknowledged` maps a ballot to the receipt it was thanked with."""

    acknowledged: dict[str, bytes] = field(default_factory=dict)
    answers: Counter = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)  # seconds
    changed: list[str] = field(default_factory=list)  # a receipt that was not the same the second time
    wrong: list[bytes] = field(default_factory=list)


class Line:
    """One connection; opened again when it breaks."""

    def __init__(self, address: str, path: str):
        self.address, self.path, self.reader, self.writer = address, path, None, None

    async def post(self, body: bytes) -> tuple[int, dict, bytes]:
        if self.writer is None:
            if "/" in self.address:
                self.reader, self.writer = await asyncio.open_unix_connection(self.address)
            else:
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", int(self.address))
        head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        headers = {}
        for line in lines[1:]:
            name, _colon, value = line.partition(b":")
            headers[name.strip().lower()] = value.strip()
        content = await self.reader.readexactly(int(headers.get(b"content-length", 0)))
        return int(lines[0].split()[1]), headers, content

    def drop(self):
        if self.writer:
            self.writer.transport.abort()
        self.reader = self.writer = None


async def telephone(bodies, line: Line, journal: Journal, until: float, begin: float, patience: float):
    await asyncio.sleep(max(0.0, begin - time.monotonic()))
    for body in bodies:
        ballot = json.loads(body)["ballot"]
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                status, headers, content = await asyncio.wait_for(line.post(body), patience)
            except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
                line.drop()
                journal.answers["no answer"] += 1
                await asyncio.sleep(0.05)
                continue
            journal.answers[status] += 1
            if status == 200:
                journal.accepted.append(time.monotonic() - began)
                first = journal.acknowledged.setdefault(ballot, content)
                if first != content:
                    journal.changed.append(ballot)
                break
            if status == 503 and b"retry-after" in headers:
                await asyncio.sleep(0.1)
                continue
            journal.wrong.append(content[:200])
            break
        else:
            return


async def vote(
    bodies: list[bytes], address: str, path: str, *, lines: int, seconds: float, ramp=0.0, patience=5.0
) -> Journal:
    """Let `lines` telephones, switched on over `ramp` seconds, cast `bodies` between them for `seconds`."""
    journal, now = Journal(), time.monotonic()
    shares = [iter(bodies[n::lines]) for n in range(lines)]
    await asyncio.gather(
        *(
            telephone(share, Line(address, path), journal, now + seconds, now + ramp * n / lines, patience)
            for n, share in enumerate(shares)
        )
    )
    return journal
