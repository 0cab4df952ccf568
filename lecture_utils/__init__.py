"""The shared helper package of the book *Attention Models and Memory Networks*.

One idea carries it: a model forms a *query*, turns it into an *address* (one weight per slot of
a memory), and *reads*: ``w = address(q, K)``, ``r = sum_i w_i v_i``.
"""

__version__ = "0.1.0"
