"""Where a family of models and a data set meet more than once.

Each task has the loss that trains it, what a model answers, the numbers that judge the answers,
and the reply that a view shows. Chapters and recipes use them.
"""
