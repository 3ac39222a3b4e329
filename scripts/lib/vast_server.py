#!/usr/bin/env python3
"""vast_server.py PORT COUNT READY-FILE: an S3 server on 127.0.0.1:PORT whose every bucket holds COUNT small objects that are made up
as they are asked for, the same in each. What is put beneath .martlet/ is kept for its bucket; what is put elsewhere is forgotten.
Signatures are not looked at. Writes into READY-FILE when it listens. Runs until SIGTERM."""

import asyncio
import hashlib
import sys
import urllib.parse

PAGE = 1000
pages = {}
kept = {}


def content(number):
    return b"%016d" % number


def name(number):
    return "topics/android_phone_usage/partition=0/%09d.avro" % number


def entry(key, body):
    tag = hashlib.md5(body).hexdigest()
    return (f"<Contents><Key>{key}</Key><LastModified>2026-03-01T00:00:00.000Z</LastModified><ETag>&quot;{tag}&quot;</ETag>"
            f"<Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>")


def made_up(start, count):
    """A page of made-up objects; kept, since the server should cost as little as it can."""
    if start % PAGE:
        return result("".join(entry(name(n), content(n)) for n in range(start, min(start + PAGE, count))),
                      start + PAGE if start + PAGE < count else None)
    if start not in pages:
        end = min(start + PAGE, count)
        text = "".join(entry(name(number), content(number)) for number in range(start, end))
        pages[start] = result(text, end if end < count else None)
    return pages[start]


def result(text, following):
    more = "true" if following is not None else "false"
    token = f"<NextContinuationToken>{following}</NextContinuationToken>" if following is not None else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><EncodingType>url</EncodingType>'
            f"<IsTruncated>{more}</IsTruncated>{token}{text}</ListBucketResult>").encode()


def listing(bucket, query, count):
    prefix = query.get("prefix", "")
    mine = kept.get(bucket, {})
    if prefix.startswith(".martlet/"):
        return result("".join(entry(key, mine[key]) for key in sorted(mine) if key.startswith(prefix)), None)
    if "start-after" in query:
        # As clients ask that do not trust a full page to be the last.
        digits = query["start-after"].rpartition("/partition=0/")[2][:9]
        start = int(digits) + 1 if digits.isdigit() else 0
        text = "".join(entry(name(number), content(number)) for number in range(start, min(start + PAGE, count)))
        return result(text, start + PAGE if start + PAGE < count else None)
    token = query.get("continuation-token")
    if token is None and mine:
        return result("".join(entry(key, mine[key]) for key in sorted(mine)), 0)
    return made_up(int(token or 0), count)


def answer(method, bucket, key, query, body, count):
    """Status, headers and body."""
    if not key:
        if "versioning" in query:
            return 200, {}, b"<VersioningConfiguration/>"
        if "location" in query:
            return 200, {}, b"<LocationConstraint/>"
        return 200, {}, listing(bucket, query, count) if method == "GET" else b""
    if method == "PUT":
        if key.startswith(".martlet/"):
            kept.setdefault(bucket, {})[key] = body
        return 200, {"ETag": '"%s"' % hashlib.md5(body).hexdigest()}, b""
    found = kept.get(bucket, {}).get(key)
    if found is None and key.endswith(".avro"):
        found = content(int(key[-14:-5]))
    if found is None:
        return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"
    headers = {"ETag": '"%s"' % hashlib.md5(found).hexdigest(), "Last-Modified": "Sun, 01 Mar 2026 00:00:00 GMT"}
    return 200, headers, found


async def serve(reader, writer, count):
    try:
        while line := await reader.readline():
            method, target, _ = line.decode().split(" ", 2)
            length = 0
            while (header := await reader.readline()) not in (b"\r\n", b""):
                field, _, value = header.partition(b":")
                if field.lower() == b"content-length":
                    length = int(value)
            body = await reader.readexactly(length)
            path, _, text = target.partition("?")
            bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
            query = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
            status, headers, data = answer(method, bucket, key, query, body, count)
            head = f"HTTP/1.1 {status} OK\r\nContent-Length: {len(data)}\r\nx-amz-request-id: 1\r\n"
            head += "".join(f"{field}: {value}\r\n" for field, value in headers.items())
            writer.write(head.encode() + b"\r\n" + (data if method != "HEAD" else b""))
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main(port, count, ready):
    server = await asyncio.start_server(lambda reader, writer: serve(reader, writer, count), "127.0.0.1", port)
    for start in range(0, count, PAGE):
        made_up(start, count)
    with open(ready, "w", encoding="ascii") as file:
        file.write("ready\n")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
