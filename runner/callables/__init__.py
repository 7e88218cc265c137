"""Callables by name: what their source says about them (`inspection`), and the import that makes them
real (`loading`).

Nothing of the user's runs before `load`. It knows neither tasks nor how a callable's arguments come about.
"""
