#!/usr/bin/env python
"""Keeps the newest embedding of every image of a topic, and tells which images are most like one of them.

Usage: index.py BOOTSTRAP_SERVERS TOPIC [ID ...]

Answers for every ID; without any, for the ids that come on the standard input, each time from what the topic has by then. Needs the
client: pip install ./clients/python
"""

import sys

from contrastream import Embeddings


def answer(embeddings, image):
    own = embeddings.get(image)
    if own is None:
        print(f"{image}: not in the index")
        return
    print(f"{image} ({own.label or own.nearest_label}, version {own.encoder_version}) is most like")
    for similarity, other in embeddings.like(image):
        print(f"  {similarity:.3f}  {other.id} ({other.label or other.nearest_label}, version {other.encoder_version})")
    sys.stdout.flush()


def main():
    bootstrap_servers, topic, *images = sys.argv[1:]
    with Embeddings(bootstrap_servers, topic) as embeddings:
        print(f"{len(embeddings.latest())} images in the index", flush=True)
        for image in images or map(str.strip, sys.stdin):
            answer(embeddings, image)


if __name__ == "__main__":
    main()
