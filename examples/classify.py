#!/usr/bin/env python
"""Classifies pictures, as such programs were written in 2020: two requests in turn, results by layer name."""

import argparse
import os

import numpy as np
from openvino.inference_engine import IECore

HERE = os.path.dirname(os.path.abspath(__file__))


def build_argparser():
    parser = argparse.ArgumentParser()
    parser.add_argument("-m", "--model", default=os.path.join(HERE, "classify.xml"))
    parser.add_argument("-d", "--device", default="CPU")
    parser.add_argument("-n", "--number_top", default=3, type=int)
    return parser


def pictures(shape):
    n, c, h, w = shape
    for seed in range(4):
        yield np.random.RandomState(seed).uniform(0, 4, (n, c, h, w)).astype(np.float32)


def main():
    args = build_argparser().parse_args()
    ie = IECore()
    net = ie.read_network(model=args.model, weights=os.path.splitext(args.model)[0] + ".bin")
    assert len(net.input_info.keys()) == 1, "Sample supports only single input topologies"
    input_blob = next(iter(net.input_info))
    out_blob = next(iter(net.outputs))
    frames = list(pictures(net.input_info[input_blob].input_data.shape))

    exec_net = ie.load_network(network=net, device_name=args.device, num_requests=2)
    cur_request_id, next_request_id = 0, 1
    exec_net.start_async(request_id=cur_request_id, inputs={input_blob: frames[0]})
    for number, frame in enumerate(frames[1:] + [None]):
        if frame is not None:
            exec_net.start_async(request_id=next_request_id, inputs={input_blob: frame})
        if exec_net.requests[cur_request_id].wait(-1) == 0:
            probs = exec_net.requests[cur_request_id].output_blobs[out_blob].buffer[0]
            top = np.argsort(probs)[-args.number_top:][::-1]
            print("picture %d:" % number, ", ".join("class %d %.4f" % (i, probs[i]) for i in top))
        cur_request_id, next_request_id = next_request_id, cur_request_id


if __name__ == "__main__":
    main()
