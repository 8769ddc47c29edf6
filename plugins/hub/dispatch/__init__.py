"""Dispatches: allocations that travel to forces and providers, each step proven.

``preparing`` makes a dispatch of each allocation of the newest publish that has a recipient; ``sending`` hands its
package to the recipient's transport until it is taken; ``answers`` follows what comes back. ``ledger`` keeps each move.
Adding a recipient is a folder under ``recipients/``; nothing else is edited.
"""
