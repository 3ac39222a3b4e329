#!/usr/bin/env python3
"""mirror_objects.py FOLDER small COUNT | large COUNT MEBIBYTES: fills FOLDER with files for the mirror's benchmark, the same
every time: `small` makes COUNT files of 512 to 8,192 bytes in folders as radar-output makes them, `large` makes COUNT files
of so many mebibytes. Their content cannot be compressed."""

import os
import random
import sys

MEBIBYTE = 1 << 20


def small(folder, count):
    dice = random.Random(20261122)
    for index in range(count):
        place = f"{folder}/output/project-{index % 4}/user-{index // 4 % 50:03d}/android_phone_acceleration"
        os.makedirs(place, exist_ok=True)
        with open(f"{place}/{index:08d}.csv.gz", "wb") as file:
            file.write(dice.randbytes(dice.randrange(512, 8193)))


def large(folder, count, mebibytes):
    os.makedirs(folder, exist_ok=True)
    for index in range(count):
        dice = random.Random(index)
        with open(f"{folder}/large-{index}.bin", "wb") as file:
            for _ in range(mebibytes):
                file.write(dice.randbytes(MEBIBYTE))


if sys.argv[2] == "small":
    small(sys.argv[1], int(sys.argv[3]))
else:
    large(sys.argv[1], int(sys.argv[3]), int(sys.argv[4]))
