"""Passes what the hand scanners read on to the shop's API."""

import sys

for line in sys.stdin:
    print(line.strip())
