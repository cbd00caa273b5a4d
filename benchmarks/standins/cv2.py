"""OpenCV without a screen and without a camera: windows take pictures and show nothing, cameras give a film.

Comes in front of the real cv2 on the path, steps aside and patches it.
"""

# mypy: ignore-errors
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
_path = list(sys.path)
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _here]
del sys.modules["cv2"]
import cv2  # noqa: E402

sys.path[:] = _path
_Capture = cv2.VideoCapture


def _capture(source=0, *rest):
    return _Capture(os.environ.get("PROGRAM_CAMERA", "")) if isinstance(source, int) else _Capture(source, *rest)


def _nothing(*arguments, **named):
    return None


for _name in ("imshow", "namedWindow", "destroyAllWindows", "destroyWindow", "moveWindow", "resizeWindow",
              "setMouseCallback", "setWindowProperty", "createTrackbar"):  # fmt: skip
    setattr(cv2, _name, _nothing)
cv2.VideoCapture = _capture
cv2.waitKey = lambda delay=0: -1
