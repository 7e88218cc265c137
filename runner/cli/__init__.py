"""The command line: the only room that prints, chooses exit codes and knows Ctrl-C.

`app` knows the options and their words; what a command does is in its own module, imported only when
the command is given.
"""
