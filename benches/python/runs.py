#!/usr/bin/env python3
"""The same map as `cargo bench --bench runs`, by EXtra-data and the original pasha: the mean of each frame of a run.

    python3 -m venv venv && venv/bin/pip install extra_data pasha h5py numpy
    venv/bin/python benches/python/runs.py DIRECTORY [ROUNDS]

DIRECTORY has `raw` and `gzip`, as for the bench. Prints the best of some rounds for each context, in GB/s of pixels, and how long a run of
several files takes to open, if DIRECTORY has one named `many`.
"""
import os, sys, time, warnings

import extra_data, numpy as np, pasha as psh

warnings.simplefilter("ignore")
SOURCE, KEY = "SPB_DET_AGIPD1M-1/DET/0CH0:xtdf", "image.data"


def contexts():
    yield "serial", psh.SerialContext()
    yield "threads:2", psh.ThreadContext(num_workers=2)
    yield "processes:2", psh.ProcessContext(num_workers=2)


def measure(directory, rounds):
    frames = extra_data.RunDirectory(directory)[SOURCE, KEY]
    bytes = frames.nbytes
    checks = set()
    for name, context in contexts():
        psh.set_default_context(context)
        best = np.inf
        for _ in range(rounds):
            mean = psh.alloc(shape=(len(frames.train_ids), 80), dtype=np.float64)

            def kernel(worker_id, index, train_id, data):
                # One frame after the other stays in the cache, as a mean over two axes at once does not.
                for i, frame in enumerate(data):
                    mean[index, i] = frame.mean()

            begun = time.perf_counter()
            psh.map(kernel, frames)
            best = min(best, time.perf_counter() - begun)
        checks.add(round(float(np.sum(mean)), 3))
        print(f"{os.path.basename(directory):5} {name:12} {best:.3f} s  {bytes / best / 1e9:6.2f} GB/s", flush=True)
    assert len(checks) == 1, checks


def opening(directory, rounds):
    best = np.inf
    for _ in range(rounds):
        for name in os.listdir(directory):
            if name.endswith(".json"):
                os.remove(os.path.join(directory, name))
        begun = time.perf_counter()
        extra_data.RunDirectory(directory)
        best = min(best, time.perf_counter() - begun)
    print(f"opening {len(os.listdir(directory))} files: {1e3 * best:.1f} ms")


def main(directory, rounds=5):
    for kind in "raw", "gzip":
        if os.path.isdir(os.path.join(directory, kind)):
            measure(os.path.join(directory, kind), int(rounds))
    if os.path.isdir(os.path.join(directory, "many")):
        opening(os.path.join(directory, "many"), int(rounds))


if __name__ == "__main__":
    main(*sys.argv[1:])
