"""A short program of 2021 that leaves something to do: its sites come to all three verdicts."""

import numpy as np
from openvino.inference_engine import IECore

ie = IECore()
net = ie.read_network("classify.xml", "classify.bin")
input_blob = next(iter(net.input_info))
layout = net.input_info[input_blob].layout
exec_net = ie.load_network(net, "CPU")
image = np.ones((1, 3, 8, 8), np.float32)
if layout == "NHWC":
    image = image.transpose(0, 2, 3, 1)
print(exec_net.infer({input_blob: image})["prob"].argmax())
