"""Mutations of simulated deliveries: files that a sender could deliver whose meaning changed from one day on.

Written without sight of the drift detector, from the contracts and the simulated files alone, to measure it by.
"""
