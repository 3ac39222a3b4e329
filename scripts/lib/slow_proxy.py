#!/usr/bin/env python3
"""slow_proxy.py PORT TARGET-PORT MILLISECONDS COUNT-FILE: forwards 127.0.0.1:PORT to 127.0.0.1:TARGET-PORT, and holds every
byte towards the target back for so long, as a long line would: each request is answered so much later, and the rate is not
touched. Counts HTTP requests into COUNT-FILE, rewritten when it is told to by SIGUSR1 and at the end. Runs until SIGTERM."""

import asyncio
import os
import re
import signal
import sys

REQUEST = re.compile(rb"(?:^|\n)(?:GET|HEAD|PUT|POST|DELETE) [^\r\n]* HTTP/1\.1\r\n")
CHUNK = 256 * 1024
# At most so many chunks are held back for one connection; then the client waits.
HELD = 64

requests = 0


async def forward_late(reader, writer, delay):
    """Hands bytes on `delay` seconds after they came."""
    global requests
    loop = asyncio.get_running_loop()
    held = asyncio.Queue(HELD)

    async def send():
        while True:
            due, data = await held.get()
            pause = due - loop.time()
            if pause > 0:
                await asyncio.sleep(pause)
            if data is None:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()

    sender = asyncio.create_task(send())
    try:
        while data := await reader.read(CHUNK):
            requests += len(REQUEST.findall(data))
            await held.put((loop.time() + delay, data))
        await held.put((loop.time() + delay, None))
        await sender
    finally:
        sender.cancel()


async def forward(reader, writer):
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def serve(client_reader, client_writer, target, delay):
    target_reader, target_writer = await asyncio.open_connection("127.0.0.1", target)
    try:
        await asyncio.gather(
            forward_late(client_reader, target_writer, delay), forward(target_reader, client_writer))
    except (ConnectionError, OSError):
        pass  # One side has gone; so does the other.
    finally:
        client_writer.close()
        target_writer.close()


async def main():
    port, target, delay, counts = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) / 1000, sys.argv[4]
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def write_count():
        with open(counts, "w", encoding="ascii") as file:
            file.write(f"{requests}\n")

    loop.add_signal_handler(signal.SIGUSR1, write_count)
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    server = await asyncio.start_server(
        lambda reader, writer: serve(reader, writer, target, delay), "127.0.0.1", port, backlog=512)
    write_count()
    await ended.wait()
    write_count()
    os._exit(0)  # Connections that are still open are of no interest to anybody.


asyncio.run(main())
