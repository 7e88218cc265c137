"""Tests of the tiny project, for the unittest of the standard library."""

import unittest

from greeting import greet


class Greeting(unittest.TestCase):
    """How people are greeted."""

    def test_greets_by_name(self) -> None:
        self.assertEqual(greet("Ada"), "Hello, Ada.")

    def test_greets_the_world_when_there_is_no_name(self) -> None:
        self.assertEqual(greet("  "), "Hello, world.")

    def test_greets_with_excitement(self) -> None:
        self.assertEqual(greet("Ada", excited=True), "Hello, Ada!")


if __name__ == "__main__":
    unittest.main()
