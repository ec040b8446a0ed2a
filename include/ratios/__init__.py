"""Financial ratios that explain themselves: pure functions over columns of stocks, each value with a status.

The way through: ``statement`` names the lines and their fallbacks, ``periods`` lines the reported periods
up, ``columns`` lays many stocks side by side, the six families of ratios are the formulas, ``compute``
makes rows of them and ``explain`` says why a number is what it is.
"""
