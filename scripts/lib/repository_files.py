#!/usr/bin/env python3
"""repository_files.py FOLDER LARGE MEBIBYTES SMALL: fills FOLDER/large with LARGE files of so many mebibytes that cannot be
compressed, and FOLDER/small with SMALL text files, 7.6 KiB on average, in 400 folders. The same every time."""

import os
import random
import sys

MEBIBYTE = 1 << 20
FOLDERS = 400


def large(folder, count, mebibytes):
    os.makedirs(folder)
    for index in range(count):
        dice = random.Random(f"large {index}")
        with open(f"{folder}/large-{index}.bin", "wb") as file:
            for _ in range(mebibytes):
                file.write(dice.randbytes(MEBIBYTE))


def small(folder, count):
    dice = random.Random("small")
    words = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randrange(2, 12))) for _ in range(4000)]
    for index in range(count):
        place = f"{folder}/{index % FOLDERS:03d}"
        if index < FOLDERS:
            os.makedirs(place)
        size = dice.randrange(1_000, 14_600)
        text = " ".join(dice.choices(words, k=size // 6 + 1))
        with open(f"{place}/{index:06d}.txt", "w", encoding="ascii") as file:
            file.write(text[:size] + "\n")


large(f"{sys.argv[1]}/large", int(sys.argv[2]), int(sys.argv[3]))
small(f"{sys.argv[1]}/small", int(sys.argv[4]))
