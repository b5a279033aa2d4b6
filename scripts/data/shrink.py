"""Shrinks pictures (plain PGM), for thumbnails.proc.

Reads one picture's paths a line, as JSON, and answers each when it is done. The argument is the factor.
"""
import json
import sys


def read(path):
    with open(path) as file:
        words = file.read().split()
    assert words[0] == "P2", "not a plain PGM picture"
    width, height, brightest = map(int, words[1:4])
    return width, height, brightest, [int(word) for word in words[4:]]


def shrink(width, height, pixels, factor):
    """Each new pixel is the mean of a square of old ones."""
    new_width, new_height = width // factor, height // factor
    small = []
    for y in range(new_height):
        for x in range(new_width):
            rows = range(y * factor, (y + 1) * factor)
            square = [pixels[row * width + x * factor + column] for row in rows for column in range(factor)]
            small.append(sum(square) // len(square))
    return new_width, new_height, small


factor = int(sys.argv[1])
for line in sys.stdin:
    task = json.loads(line)
    width, height, brightest, pixels = read(task["from"])
    width, height, pixels = shrink(width, height, pixels, factor)
    with open(task["to"], "w") as file:
        print("P2", width, height, brightest, *pixels, file=file)
    print(json.dumps({"name": task["name"], "width": width, "height": height}), flush=True)
