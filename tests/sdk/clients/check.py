"""The case runner of the Python clients."""
import sys, traceback

_cases = []


def case(function):
    _cases.append(function)
    return function


def run():
    for function in _cases:
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok {name}", flush=True)
        except BaseException as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            print(f"not ok {name}: {type(error).__name__} line {place.lineno}: {error}".replace("\n", " | "), flush=True)
    sys.exit(0)
