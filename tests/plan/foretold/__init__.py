"""The oracle: how a workflow must end, worked out from its spelling alone, naively and recursively.

It imports nothing of the program. `predict` foretells, `compare` holds what was seen against that.
"""

from foretold.allowed import Seen, compare
from foretold.ends import End, ItemEnd, Prediction, item_path
from foretold.oracle import predict

__all__ = ["End", "ItemEnd", "Prediction", "Seen", "compare", "item_path", "predict"]
