"""BLAKE2, for digests that are compared with each other and protect nothing.

`hashlib` brings it with the whole of OpenSSL, which takes longer to load than a small run needs digests.
"""

try:
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

__all__ = ["blake2b"]
