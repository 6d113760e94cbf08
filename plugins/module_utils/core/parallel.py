# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Calls functions several at a time.
Private to the collection: names and shapes can change in any release."""

from concurrent.futures import ThreadPoolExecutor


def concurrently(concurrency, functions):
    """Return the results of functions in order, at most ``concurrency`` called at once, or raise the first error."""
    functions = list(functions)
    if len(functions) < 2 or concurrency < 2:
        return [function() for function in functions]
    with ThreadPoolExecutor(max_workers=min(concurrency, len(functions))) as pool:
        return [future.result() for future in [pool.submit(function) for function in functions]]
